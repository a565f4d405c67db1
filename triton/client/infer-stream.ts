import { createAnswerQueue } from './answer-queue.ts';
import { errorOf } from './infer-message.ts';
import { createStreamRequests, type StreamCall } from './stream-requests.ts';
import type { CallOptions, InferRequest, InferResult } from './triton-client.ts';

export type InferStreamOptions = Pick<CallOptions, 'metadata'> & {
  /** Requests that the server has and has not answered yet, 64 by default; further ones wait here. */
  readonly maxInFlight?: number;
  /** Requests that wait here, 1024 by default; further ones are refused as RESOURCE_EXHAUSTED. */
  readonly maxWaiting?: number;
};

export type StreamCallOptions = Pick<CallOptions, 'signal' | 'deadlineMs'>;

/**
 * Requests over one gRPC stream, any number at once; answers find theirs by request id, which is made up where the request
 * has none. An error of the server concerns its request only. Its code is UNKNOWN: in a stream Triton sends the text alone.
 * A stream that breaks rejects everything in flight and stays broken: open another. A deadline or signal gives a request up
 * here; the server still works on it, and it counts as in flight until its answer. Nothing is retried.
 */
export type InferStream = {
  /** The one answer. `FAILED_PRECONDITION` when a decoupled model gives another number of them. */
  infer(request: InferRequest, options?: StreamCallOptions): Promise<InferResult>;
  /**
   * The answers of a decoupled model, any number of them, as they come; the deadline is that of the last. The request is sent
   * when the iteration begins; leaving it early gives the request up. Who stops reading stops the whole stream once 16 answers
   * wait, and through it the server.
   */
  responses(request: InferRequest, options?: StreamCallOptions): AsyncGenerator<InferResult, void, undefined>;
  /** Refuses new requests, waits for those in flight and ends the stream. */
  close(): Promise<void>;
};

export type InferStreamDeps = {
  readonly call: StreamCall;
  /** For requests that name none of their own. */
  readonly deadlineMs: number;
  /** Rejects a request that its model would refuse; resolves to what is left of its limits. */
  readonly admit: (request: InferRequest, limits?: StreamCallOptions) => Promise<StreamCallOptions> | undefined;
  readonly maxInFlight?: number | undefined;
  readonly maxWaiting?: number | undefined;
};

const answerCapacity = 16;

export function createInferStream(deps: InferStreamDeps): InferStream {
  const { call, deadlineMs, admit, maxInFlight = 64, maxWaiting = 1024 } = deps;
  const requests = createStreamRequests({ call, deadlineMs, maxInFlight, maxWaiting });
  /** Queues whose readers are behind. */
  const full = new Set<object>();

  return {
    async infer(request, options) {
      const limits = (await admit(request, options)) ?? options;
      const { promise, resolve, reject } = Promise.withResolvers<InferResult>();
      let answer: InferResult | undefined;
      requests.start(request, limits, {
        onAnswer(result) {
          if (answer !== undefined) throw wrongNumber('more: use responses()', request);
          answer = result;
        },
        onEnd(error) {
          if (error !== undefined) reject(error);
          else if (answer === undefined) reject(wrongNumber('none', request));
          else resolve(answer);
        },
      });
      return await promise;
    },
    async *responses(request, options) {
      const limits = (await admit(request, options)) ?? options;
      const queue = createAnswerQueue<InferResult>({
        capacity: answerCapacity,
        onFull() {
          full.add(queue);
          call.pause();
        },
        onDrained() {
          if (full.delete(queue) && full.size === 0) call.resume();
        },
      });
      const giveUp = requests.start(request, limits, { onAnswer: queue.push, onEnd: queue.end });
      try {
        yield* queue.items();
      } finally {
        giveUp();
        queue.drop();
      }
    },
    close: () => requests.close(),
  };
}

function wrongNumber(got: string, request: InferRequest): Error {
  return errorOf('FAILED_PRECONDITION', `expected one answer, got ${got}`, request);
}
