/** Every way in which installing, checking or choosing a model can fail. */
export const modelErrorCodes = {
  UNKNOWN_MODEL: 'no model of this name is known',
  NOT_CLEARED: 'the model is not cleared for commercial use, and commercial_only is set',
  SOURCES_FAILED: 'no source delivered the weights',
  BUILD_FAILED: 'the weights were fetched, but no model could be built from them',
  WRITE_FAILED: 'the model was built but could not be put in its place',
  NOT_INSTALLED: 'the model is not installed',
  INVALID_OPTION: 'an option was given that does not go with the models that were named',
  INVALID_FILE: 'a card, a calibration or a record of choices does not hold what it should',
} as const;

export type ModelErrorCode = keyof typeof modelErrorCodes;

/** The one error class of `triton/build`. The message is for the operator: what was expected, what was got, what to do. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ModelError';
    this.code = code;
  }
}

/** The message of anything that was thrown, with the message of what caused it (fetch hides its reason there). */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
