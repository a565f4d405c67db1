import { ServiceError } from '../../detector/errors.ts';
import { GalleryError } from './gallery-error.ts';

/**
 * Runs work of a command: what a store refuses is the operator's to read, and so is a name that is none.
 * @throws GalleryError in their place
 */
export async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isOperators = error instanceof ServiceError || error instanceof RangeError;
    throw isOperators ? new GalleryError(error.message, { cause: error }) : error;
  }
}
