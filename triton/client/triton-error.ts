/** The status codes of gRPC by name; OK is not among them. A closed list: https://grpc.io/docs/guides/status-codes/ */
export const tritonErrorCodes = [
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type TritonErrorCode = (typeof tritonErrorCodes)[number];

export type TritonErrorOptions = {
  /** The model that was asked for; absent for calls about the server. */
  readonly model?: string | undefined;
  /** The request's own id, where it had one. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
};

/** The only error of the Triton client. `message` is the server's text as it came, or says what is wrong with its answer. */
export class TritonError extends Error {
  readonly code: TritonErrorCode;
  readonly model: string | undefined;
  readonly requestId: string | undefined;

  constructor(code: TritonErrorCode, message: string, { model, requestId, cause }: TritonErrorOptions = {}) {
    super(message, { cause });
    this.name = 'TritonError';
    this.code = code;
    this.model = model;
    this.requestId = requestId;
  }
}
