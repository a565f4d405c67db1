import type { ErrorCode } from '../../detector/errors.ts';

/** A body that nobody asked for is still read. */
export const unwantedBody: readonly ErrorCode[] = ['TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

/** What a route over one gallery can meet. */
export const galleryErrors: readonly ErrorCode[] = ['GALLERY_NOT_FOUND', 'DEPENDENCY_DOWN', 'STORAGE_FAILED'];

/** A path that ends in an empty id is no route. */
export const identityErrors: readonly ErrorCode[] = ['UNKNOWN_ID', 'NOT_FOUND', ...galleryErrors];
