/** Keys that cannot be read or changed, in words for the operator; printed without a stack. Never a key or its hash in it. */
export class KeysError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeysError';
  }
}
