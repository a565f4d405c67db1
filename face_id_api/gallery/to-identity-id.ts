import { type IdentityId, isTooLarge, largestIntegerId, parsePathId, stringIdWords } from '../core/identity-id.ts';
import { GalleryError } from './gallery-error.ts';

/**
 * The id that a file's or folder's name, or a column, means: digits are the integer, as in the API's paths, unless `type` says otherwise.
 * @throws GalleryError naming the place
 */
export function toIdentityId(text: string, place: string, type?: 'integer' | 'string'): IdentityId {
  const id = parsePathId(text, type);
  if (id !== null) return id;
  if (isTooLarge(text, type)) {
    throw new GalleryError(
      `${place}: integers end at ${largestIntegerId}, got ${text}; enrol it with --type string to have it as a string`,
    );
  }
  const expected = type === 'integer' ? 'digits' : `digits or ${stringIdWords}`;
  throw new GalleryError(`${place}: expected an id, ${expected}, got another name`);
}
