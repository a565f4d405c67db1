/** A command over galleries that cannot go on, in words for the operator; printed without a stack. */
export class GalleryError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GalleryError';
  }
}
