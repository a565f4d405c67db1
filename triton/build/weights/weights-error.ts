/**
 * Weights that cannot be read or do not fit a network: the one error that this folder's readers and `takeWeight` throw.
 * The message begins with the file's part or the tensor it is about and says what was expected and what was got.
 */
export class WeightsError extends Error {
  override readonly name = 'WeightsError';
}
