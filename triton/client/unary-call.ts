import {
  type Client,
  connectivityState,
  Metadata,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { TritonError, type TritonErrorCode, type TritonErrorOptions, tritonErrorCodes } from './triton-error.ts';

/** Whom an error of the call concerns. */
export type CallSubject = Pick<TritonErrorOptions, 'model' | 'requestId'>;

/** A call in flight, to be cancelled by others. */
export type Cancellable = { cancel(): void };

export type UnaryOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs: number;
  /** How long the call may wait for a connection, where there is none. Absent: as long as for its answer. */
  readonly connectMs?: number | undefined;
  readonly metadata?: Metadata | undefined;
  /** Holds the call as long as it is in flight. */
  readonly inFlight?: { add(call: Cancellable): void; delete(call: Cancellable): void } | undefined;
};

const noMetadata = new Metadata();

/**
 * One attempt of one unary RPC. The deadline and the signal both end as a gRPC cancellation, which frees the request on the server.
 * @throws TritonError, also for a signal that fires (`CANCELLED`), a deadline that passes (`DEADLINE_EXCEEDED`) and a server that cannot
 * be connected in time (`UNAVAILABLE`)
 */
export function unaryCall<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
  request: Request,
  { signal, deadlineMs, connectMs, metadata = noMetadata, inFlight }: UnaryOptions,
  subject: CallSubject = {},
): Promise<Response> {
  if (signal?.aborted) return Promise.reject(cancelledBySignal(signal, subject));
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  let unconnected = false;
  const isConnected = (): boolean => client.getChannel().getConnectivityState(false) === connectivityState.READY;
  const call = client.makeUnaryRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    metadata,
    { deadline: Date.now() + deadlineMs },
    (error, response) => {
      signal?.removeEventListener('abort', cancel);
      clearTimeout(connecting);
      inFlight?.delete(call);
      if (error !== null && signal?.aborted) reject(cancelledBySignal(signal, subject));
      else if (error !== null && unconnected)
        reject(new TritonError('UNAVAILABLE', 'no connection to the server', subject));
      else if (error !== null) reject(toTritonError(error, subject));
      else if (response === undefined) reject(new TritonError('INTERNAL', `${method.path}: no message came`, subject));
      else resolve(response);
    },
  );
  const cancel = (): void => call.cancel();
  const giveUp = (): void => {
    unconnected = !isConnected();
    if (unconnected) call.cancel();
  };
  // Whoever drops packets, as the network of a container that has stopped, would otherwise look slow, not away.
  const connecting = connectMs === undefined || isConnected() ? undefined : setTimeout(giveUp, connectMs);
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
