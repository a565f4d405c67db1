import type { ErrorCode } from '../../errors.ts';
import { imageJsonSchema } from '../image-body.ts';
import { jsonSchemaOf } from './json-schema-of.ts';
import type { RouteDoc } from './route-doc.ts';

/** A whole image, if a small one: a PNG of one white pixel. Nobody is in it. */
export const exampleImage =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAACklEQVQImWP4DwABAQEADeY2wwAAAABJRU5ErkJggg==';

const bytes = {
  type: 'string',
  format: 'binary',
  description: 'JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC, known by its bytes.',
};

/** The three forms in which `readImage` takes an image. */
export const imageRequest: NonNullable<RouteDoc['request']> = {
  'application/json': {
    schema: jsonSchemaOf(imageJsonSchema),
    examples: { image: { image: exampleImage } },
  },
  'multipart/form-data': {
    schema: { type: 'object', properties: { image: bytes }, required: ['image'] },
  },
  'image/*': { schema: bytes },
  'application/octet-stream': { schema: bytes },
};

/** What can be wrong with an image, and with the services that look at it. */
export const imageErrors: readonly ErrorCode[] = [
  'INVALID_BASE64',
  'TOO_LARGE',
  'TOO_MANY_PIXELS',
  'UNSUPPORTED_IMAGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'UNREADABLE',
  'OVERLOADED',
  'DEPENDENCY_DOWN',
  'DEADLINE',
];
