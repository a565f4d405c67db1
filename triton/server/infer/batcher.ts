import { type BatchRules, nextBatch, type WaitingRequest } from '../../core/next-batch.ts';
import { StatusError } from '../status-error.ts';
import { requestPrefix } from './served-model.ts';

type BatchableRequest = WaitingRequest & { readonly id: string; readonly bytes: number };

export type BatcherOptions<Request, Result> = {
  /** `maxDelay` in milliseconds. A `maxBatchSize` of 0 runs every request alone. */
  readonly rules: BatchRules;
  /** Batches that may run at once. */
  readonly instances: number;
  /** Requests that may wait; more are refused. */
  readonly maxQueued: number;
  /** Bytes of inputs that may wait; a request that waits alone may exceed them. */
  readonly maxQueuedBytes: number;
  /** Time a request may wait before it is refused, in milliseconds; 0: any. */
  readonly queueTimeoutMs: number;
  /** Runs requests as one batch; one result for each, in their order. `waitedMs`: how long each waited for it. */
  readonly run: (requests: readonly Request[], waitedMs: readonly number[]) => Promise<readonly Result[]>;
};

export type Batcher<Request, Result> = {
  /**
   * @throws StatusError `UNAVAILABLE` when the queue is full, when the request waited too long, or on closing; the signal's
   * reason when it fires while the request waits (a request in a running batch is finished)
   */
  submit(request: Request, signal?: AbortSignal): Promise<Result>;
  /** Requests that wait for a batch. */
  waiting(): number;
  /** Refuses waiting requests and waits for running batches. */
  close(): Promise<void>;
};

type Waiting<Request, Result> = WaitingRequest & {
  readonly request: Request;
  readonly arrivedMs: number;
  readonly bytes: number;
  /** Ends its timer and its listener. */
  leave(): void;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

/** One model's queue. Batches form from its head by `nextBatch`, as soon as an instance is free. */
export function createBatcher<Request extends BatchableRequest, Result>(
  options: BatcherOptions<Request, Result>,
): Batcher<Request, Result> {
  const { rules, instances, maxQueued, maxQueuedBytes, queueTimeoutMs, run } = options;
  const queue: Waiting<Request, Result>[] = [];
  const running = new Set<Promise<void>>();
  let queuedBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function dispatch(): void {
    clearTimeout(timer);
    timer = undefined;
    while (running.size < instances) {
      const decision = nextBatch(queue, rules, performance.now() - (queue[0]?.arrivedMs ?? 0));
      if (decision === undefined) return;
      if (decision.kind === 'wait') {
        timer = setTimeout(dispatch, decision.remaining);
        return;
      }
      start(queue.splice(0, decision.count));
    }
  }

  function start(batch: readonly Waiting<Request, Result>[]): void {
    for (const waiting of batch) {
      waiting.leave();
      queuedBytes -= waiting.bytes;
    }
    const finished = runBatch(batch).finally(() => {
      running.delete(finished);
      dispatch();
    });
    running.add(finished);
  }

  async function runBatch(batch: readonly Waiting<Request, Result>[]): Promise<void> {
    try {
      const now = performance.now();
      const results = await run(
        batch.map(({ request }) => request),
        batch.map(({ arrivedMs }) => now - arrivedMs),
      );
      for (const [index, waiting] of batch.entries()) {
        const result = results[index];
        if (result === undefined)
          waiting.reject(new StatusError('INTERNAL', `batch: expected a result for request ${index}`));
        else waiting.resolve(result);
      }
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  function drop(waiting: Waiting<Request, Result>, error: unknown): void {
    const place = queue.indexOf(waiting);
    if (place < 0) return;
    queue.splice(place, 1);
    queuedBytes -= waiting.bytes;
    waiting.leave();
    waiting.reject(error);
    dispatch();
  }

  function submit(request: Request, signal?: AbortSignal): Promise<Result> {
    const { id, bytes, batchSize, shapeKey } = request;
    if (isClosed) return Promise.reject(new StatusError('UNAVAILABLE', 'the server is shutting down'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (queue.length >= maxQueued || (queue.length > 0 && queuedBytes + bytes > maxQueuedBytes)) {
      return Promise.reject(new StatusError('UNAVAILABLE', `${requestPrefix(id)} Exceeds maximum queue size`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const abandon = (): void => drop(waiting, signal?.reason);
    const expire = (): void => drop(waiting, new StatusError('UNAVAILABLE', 'Request timeout expired'));
    const expiry = queueTimeoutMs > 0 ? setTimeout(expire, queueTimeoutMs) : undefined;
    const leave = (): void => {
      clearTimeout(expiry);
      signal?.removeEventListener('abort', abandon);
    };
    const arrivedMs = performance.now();
    const waiting: Waiting<Request, Result> = {
      request,
      bytes,
      batchSize,
      shapeKey,
      arrivedMs,
      leave,
      resolve,
      reject,
    };
    signal?.addEventListener('abort', abandon, { once: true });
    queue.push(waiting);
    queuedBytes += bytes;
    dispatch();
    return promise;
  }

  return {
    submit,
    waiting: () => queue.length,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      for (const waiting of queue.splice(0)) {
        waiting.leave();
        waiting.reject(new StatusError('UNAVAILABLE', 'the server is shutting down'));
      }
      await Promise.all(running);
    },
  };
}
