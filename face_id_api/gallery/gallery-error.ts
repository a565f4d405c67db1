import { ServiceError } from '../../detector/errors.ts';

/** A command over galleries that cannot go on, in words for the operator; printed without a stack. */
export class GalleryError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GalleryError';
  }
}

/** What a store refuses is the operator's to read, and so is a name that is none. */
export async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isOperators = error instanceof ServiceError || error instanceof RangeError;
    throw isOperators ? new GalleryError(error.message, { cause: error }) : error;
  }
}
