import { type IdentityId, parsePathId } from '../core/identity-id.ts';
import { GalleryError } from './gallery-error.ts';

/**
 * The id that a file's or folder's name, or a column, means: digits are the integer, as in the API's paths.
 * @throws GalleryError naming the place
 */
export function toIdentityId(text: string, place: string): IdentityId {
  const id = parsePathId(text);
  if (id !== null) return id;
  throw new GalleryError(
    `${place}: expected an id, digits or 1 to 128 characters of [A-Za-z0-9._:-], got another name`,
  );
}
