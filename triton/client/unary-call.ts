import { type Client, Metadata, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { TritonError, type TritonErrorCode, type TritonErrorOptions, tritonErrorCodes } from './triton-error.ts';

/** Whom an error of the call concerns. */
export type CallSubject = Pick<TritonErrorOptions, 'model' | 'requestId'>;

/** A call in flight, to be cancelled by others. */
export type Cancellable = { cancel(): void };

export type UnaryOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs: number;
  readonly metadata?: Metadata | undefined;
  /** Holds the call as long as it is in flight. */
  readonly inFlight?: { add(call: Cancellable): void; delete(call: Cancellable): void } | undefined;
};

const noMetadata = new Metadata();

/**
 * One attempt of one unary RPC. The deadline and the signal both end as a gRPC cancellation, which frees the request on the server.
 * @throws TritonError, also for a signal that fires (`CANCELLED`) and a deadline that passes (`DEADLINE_EXCEEDED`)
 */
export function unaryCall<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
  request: Request,
  { signal, deadlineMs, metadata = noMetadata, inFlight }: UnaryOptions,
  subject: CallSubject = {},
): Promise<Response> {
  if (signal?.aborted) return Promise.reject(cancelledBySignal(signal, subject));
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const call = client.makeUnaryRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    metadata,
    { deadline: Date.now() + deadlineMs },
    (error, response) => {
      signal?.removeEventListener('abort', cancel);
      inFlight?.delete(call);
      if (error !== null) reject(signal?.aborted ? cancelledBySignal(signal, subject) : toTritonError(error, subject));
      else if (response === undefined) reject(new TritonError('INTERNAL', `${method.path}: no message came`, subject));
      else resolve(response);
    },
  );
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  inFlight?.add(call);
  return promise;
}

export function cancelledBySignal(signal: AbortSignal, subject: CallSubject): TritonError {
  return new TritonError('CANCELLED', 'the call was cancelled by its signal', { ...subject, cause: signal.reason });
}

/** The server's status and text, or those that grpc-js gives for it. */
export function toTritonError(error: ServiceError, subject: CallSubject = {}): TritonError {
  const code = codeName(error.code);
  // nghttp2 drops a status text that ends in a blank, and some of Triton's do.
  return new TritonError(code, error.details || `the server answered ${code} without a text`, {
    ...subject,
    cause: error,
  });
}

function codeName(code: status): TritonErrorCode {
  return tritonErrorCodes.find(name => name === status[code]) ?? 'UNKNOWN';
}
