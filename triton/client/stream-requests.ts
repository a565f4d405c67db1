import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type {
  ModelInferRequest,
  ModelInferResponse,
  ModelStreamInferResponse,
} from '../../proto/gen/grpc_service_pb.ts';
import { errorOf, expectOutputs, fromInferMessage, toInferMessage } from './infer-message.ts';
import type { CallOptions, InferRequest, InferResult } from './triton-client.ts';
import { TritonError } from './triton-error.ts';
import { toTritonError } from './unary-call.ts';

export type StreamCall = ClientDuplexStream<ModelInferRequest, ModelStreamInferResponse>;

/** What becomes of a request's answers. */
export type Receiver = {
  /** An error thrown here ends the request with it. */
  onAnswer(result: InferResult): void;
  /** After the last answer, or for an error. Nothing comes after it. */
  onEnd(error?: Error): void;
};

/** The requests of one ModelStreamInfer call. */
export type StreamRequests = {
  /**
   * Sends a request as soon as there is room. `onEnd` is called once, by the deadline at the latest.
   * @returns gives the request up; `onEnd` is not called then
   * @throws TritonError when the request cannot be sent
   */
  start(
    request: InferRequest,
    limits: Pick<CallOptions, 'signal' | 'deadlineMs'> | undefined,
    to: Receiver,
  ): () => void;
  /** Refuses new requests; resolves when those started have ended and the server has ended the call. */
  close(): Promise<void>;
};

export type StreamRequestsOptions = {
  readonly call: StreamCall;
  readonly deadlineMs: number;
  readonly maxInFlight: number;
  readonly maxWaiting: number;
};

type Entry = {
  readonly id: string;
  readonly request: InferRequest;
  readonly message: ModelInferRequest;
  /** Null for a request that was given up or has failed: its answers are dropped. */
  receiver: Receiver | null;
};

export function createStreamRequests({
  call,
  deadlineMs,
  maxInFlight,
  maxWaiting,
}: StreamRequestsOptions): StreamRequests {
  const waiting = new Map<string, Entry>();
  /** What the server has, until its last answer. */
  const sent = new Map<string, Entry>();
  const ended = Promise.withResolvers<void>();
  let writable = true;
  let nextId = 1;
  let closing = false;
  let broken: TritonError | undefined;

  call.on('data', receive);
  call.on('drain', () => {
    writable = true;
    pump();
  });
  call.on('error', (error: ServiceError) => breakOff(toTritonError(error)));
  // The last event, after an error too.
  call.on('status', () => {
    breakOff(new TritonError('UNAVAILABLE', 'the server has ended the stream'));
    ended.resolve();
  });

  function start(
    request: InferRequest,
    { signal, deadlineMs: ownMs = deadlineMs }: Pick<CallOptions, 'signal' | 'deadlineMs'> = {},
    { onAnswer, onEnd }: Receiver,
  ): () => void {
    if (signal?.aborted) throw cancelled(signal, request);
    const entry = submit(request, {
      onAnswer,
      onEnd(error) {
        release();
        onEnd(error);
      },
    });
    const onDeadline = (): void => {
      end(entry, errorOf('DEADLINE_EXCEEDED', `expected the answer within ${ownMs} ms`, entry.request));
    };
    const onAbort = (): void => {
      if (signal !== undefined) end(entry, cancelled(signal, entry.request));
    };
    const timer = setTimeout(onDeadline, ownMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    pump();
    return () => {
      release();
      drop(entry);
    };
  }

  function submit(request: InferRequest, receiver: Receiver): Entry {
    if (closing) throw errorOf('CANCELLED', 'the stream is closed', request);
    if (broken !== undefined) throw errorOf(broken.code, broken.message, request, broken);
    if (waiting.size >= maxWaiting) {
      throw errorOf('RESOURCE_EXHAUSTED', `expected at most ${maxWaiting} requests waiting for the stream`, request);
    }
    const { id = freeId() } = request;
    if (isTaken(id)) throw errorOf('INVALID_ARGUMENT', `id: expected one that is not in flight, got '${id}'`, request);
    const named = { ...request, id };
    const parameters = { ...request.parameters, triton_enable_empty_final_response: true };
    const entry = { id, request: named, message: toInferMessage({ ...named, parameters }), receiver };
    waiting.set(id, entry);
    return entry;
  }

  function pump(): void {
    for (const [id, entry] of waiting) {
      if (!writable || sent.size >= maxInFlight) return;
      waiting.delete(id);
      sent.set(id, entry);
      writable = call.write(entry.message);
    }
    if (closing && ![...sent.values()].some(({ receiver }) => receiver !== null)) call.end();
  }

  function receive({ errorMessage, inferResponse }: ModelStreamInferResponse): void {
    const entry = sent.get(inferResponse?.id ?? '');
    if (entry === undefined) {
      // An error that names no request may be anybody's.
      if (errorMessage !== '') breakOff(new TritonError('UNKNOWN', errorMessage));
      return;
    }
    const last = isLast(inferResponse);
    if (errorMessage !== '') end(entry, errorOf('UNKNOWN', errorMessage, entry.request));
    else if (inferResponse !== undefined) take(entry, inferResponse, last);
    if (!last) return;
    sent.delete(entry.id);
    end(entry);
    pump();
  }

  function take(entry: Entry, response: ModelInferResponse, last: boolean): void {
    const { request, receiver } = entry;
    // A last answer without outputs only says that it is the last.
    if (receiver === null || (last && response.outputs.length === 0)) return;
    try {
      const result = fromInferMessage(response, request);
      expectOutputs(result, request);
      receiver.onAnswer(result);
    } catch (error) {
      end(entry, error instanceof Error ? error : new Error(String(error)));
    }
  }

  function end(entry: Entry, error?: Error): void {
    const { receiver } = entry;
    drop(entry);
    receiver?.onEnd(error);
  }

  function drop(entry: Entry): void {
    entry.receiver = null;
    if (waiting.get(entry.id) === entry) waiting.delete(entry.id);
    if (closing) pump();
  }

  function breakOff(error: TritonError): void {
    if (broken !== undefined) return;
    broken = error;
    const lost = [...sent.values(), ...waiting.values()];
    sent.clear();
    waiting.clear();
    for (const entry of lost) end(entry, errorOf(error.code, error.message, entry.request, error));
    call.cancel();
  }

  function isTaken(id: string): boolean {
    return sent.has(id) || waiting.has(id);
  }

  function freeId(): string {
    while (isTaken(String(nextId))) nextId += 1;
    return String(nextId++);
  }

  return {
    start,
    async close() {
      closing = true;
      pump();
      // Each request ends by its deadline; the server has as long to end the call.
      const latest = setTimeout(() => call.cancel(), 2 * deadlineMs);
      await ended.promise;
      clearTimeout(latest);
    },
  };
}

/** Outside decoupled models an answer is the last, and need not say so. */
function isLast(response: ModelInferResponse | undefined): boolean {
  const choice = response?.parameters.triton_final_response?.parameterChoice;
  return choice?.case !== 'boolParam' || choice.value;
}

function cancelled(signal: AbortSignal, request: InferRequest): TritonError {
  return errorOf('CANCELLED', 'the call was cancelled by its signal', request, signal.reason);
}
