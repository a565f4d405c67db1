import { ServiceError } from '../../detector/errors.ts';
import { DataDirInUse } from '../start-error.ts';

/** A command over galleries that cannot go on, in words for the operator; printed without a stack. */
export class GalleryError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GalleryError';
  }
}

/**
 * What a store refuses is the operator's to read, and so is a name that is none.
 * @param hasUrl whether the command can ask the service that has the store instead
 */
export async function guarded(work: () => Promise<void>, { hasUrl = true } = {}): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (hasUrl && error instanceof DataDirInUse) {
      throw new GalleryError(`${error.message}; where it is the service, --url URL asks it`, { cause: error });
    }
    const isOperators = error instanceof ServiceError || error instanceof RangeError;
    throw isOperators ? new GalleryError(error.message, { cause: error }) : error;
  }
}
