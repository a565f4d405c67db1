/** What an encryption command cannot do, in words for the operator; printed without a stack. Never a key or a part of one in it. */
export class EncryptionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EncryptionError';
  }
}
