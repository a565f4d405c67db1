import { createLine } from '../../core/line.ts';
import { type BatchRules, nextBatch, type WaitingRequest } from '../../core/next-batch.ts';
import type { LendOptions } from '../../onnx-pool/job.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { StatusError } from '../status-error.ts';
import { createAnswerOrder } from './answer-order.ts';
import { type QueueRules, timeoutOf } from './queue-rules.ts';
import { requestPrefix } from './served-model.ts';

type BatchableRequest = WaitingRequest & {
  readonly id: string;
  readonly bytes: number;
  /** The request's own `timeout` in milliseconds; 0: none. */
  readonly timeoutMs: number;
};

export type BatcherOptions<Request, Worker, Result> = {
  /** `maxDelay` in milliseconds. A `maxBatchSize` of 0 runs every request alone. */
  readonly rules: BatchRules;
  readonly queue: QueueRules;
  /** Batches that may run at once. */
  readonly instances: number;
  /** Workers that there are. */
  readonly threads: number;
  /** Answers leave in the order in which their requests came, whichever batch ends first. */
  readonly preserveOrdering: boolean;
  /** Bytes of inputs that wait or run, over all models. */
  readonly budget: ByteBudget;
  /** Waits for a free worker, first come first served among all models, and gives it to `use` until that has ended. */
  readonly lend: (use: (worker: Worker) => Promise<void>, options: LendOptions) => Promise<void>;
  /** Into how many parts a batch of so many rows is divided, for workers that are idle. */
  readonly partsOf: (rows: number) => number;
  /** Whether a batch of so many rows may wait for another at a worker. */
  readonly isBrief: (rows: number) => boolean;
  /** Runs requests as one batch; one result for each, in their order. `waitedMs`: how long each waited for it. */
  readonly run: (
    worker: Worker,
    requests: readonly Request[],
    waitedMs: readonly number[],
  ) => Promise<readonly Result[]>;
};

export type Batcher<Request, Result> = {
  /**
   * @throws StatusError `UNAVAILABLE` when the queue or the server is full, when the request waited too long, or on closing;
   * the signal's reason when it fires while the request waits (a request in a running batch is finished)
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
  /** Ends its timer and its listener. */
  leave(): void;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

/**
 * One model's queue. Batches form from its head by `nextBatch` in the moment in which a worker is there to run them, so
 * until then a request may be cancelled, may run out of time, or may be joined by others.
 */
export function createBatcher<Request extends BatchableRequest, Worker, Result>(
  options: BatcherOptions<Request, Worker, Result>,
): Batcher<Request, Result> {
  const { rules, queue: queueRules, instances, threads, budget, lend, partsOf, isBrief, run } = options;
  type Entry = Waiting<Request, Result>;
  const queue = createLine<Entry>();
  /** Those that outstayed their time and run when nobody else waits. */
  const delayed = createLine<Entry>();
  const turns = createLine<Promise<void>>();
  const order = options.preserveOrdering ? createAnswerOrder() : undefined;
  /** Rows of a batch that need not become larger. */
  const fullRows = Math.max(1, ...(rules.preferredSizes.length > 0 ? rules.preferredSizes : [rules.maxBatchSize]));
  let claimed = 0;
  let isTurnPending = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  let isClosed = false;

  function* everyone(): Generator<Entry> {
    yield* queue;
    yield* delayed;
  }

  const waiting = (): number => queue.size + delayed.size;

  /** How many of the line run now; waits for more, with a timer, where the rules say so. */
  function countToRun(): number {
    clearTimeout(timer);
    timer = undefined;
    const line = delayed.size === 0 ? queue : everyone();
    const [oldest] = queue.size === 0 ? delayed : queue;
    if (oldest === undefined) return 0;
    const decision = nextBatch(line, rules, rules.maxDelay > 0 ? performance.now() - oldest.arrivedMs : 0);
    if (decision?.kind === 'wait') timer = setTimeout(dispatch, decision.remaining);
    return decision?.kind === 'run' ? decision.count : 0;
  }

  /** Whether who is next makes a batch that need not become larger and may wait at a worker that runs another. */
  function mayFollow(): boolean {
    // With fewer instances than workers it could run beside them.
    if (instances < threads) return false;
    const rows = rowsOfAll(nextInLine());
    return rows >= fullRows && isBrief(rows);
  }

  /** Asks for workers, one at a time: other models have their turns in between, and nobody asks twice for one request. */
  function dispatch(): void {
    while (!isTurnPending && claimed < 2 * instances && (claimed < instances ? countToRun() > 0 : mayFollow())) {
      isTurnPending = true;
      claimed += 1;
      let rows = 0;
      const use = (worker: Worker): Promise<void> => {
        const batch = takeBatch();
        rows = rowsOfAll(batch);
        return takeTurn(worker, batch);
      };
      const turn = lend(use, { isBrief: () => isBrief(rows), mayFollow })
        .catch(refuseBatch)
        .finally(() => {
          turns.delete(turn);
          claimed -= 1;
          dispatch();
        });
      turns.add(turn);
    }
  }

  /** When everything that has come by now has been read: requests that come together run together. */
  function dispatchSoon(): void {
    soon ??= setImmediate(() => {
      soon = undefined;
      dispatch();
    });
  }

  function takeBatch(): Entry[] {
    isTurnPending = false;
    return take(shareOf(nextInLine()));
  }

  function takeTurn(worker: Worker, batch: readonly Entry[]): Promise<void> {
    if (batch.length === 0) return Promise.resolve();
    const ended = runBatch(worker, batch);
    // Another worker may be free, too.
    dispatch();
    return ended;
  }

  /** No worker can be had: an error is the answer to those whose turn it was. */
  function refuseBatch(error: unknown): void {
    isTurnPending = false;
    for (const entry of take(nextInLine())) entry.reject(error);
  }

  const nextInLine = (): Entry[] => [...everyone().take(countToRun())];

  function take(entries: Entry[]): Entry[] {
    for (const entry of entries) leaveQueue(entry);
    return entries;
  }

  /** What one worker runs of a batch: all, or its part where others are idle; they have their turns next. */
  function shareOf(batch: readonly Entry[]): Entry[] {
    const rows = rowsOfAll(batch);
    const parts = Math.max(1, Math.min(partsOf(rows), 1 + instances - claimed));
    let taken = 0;
    return batch.filter(entry => {
      const isOurs = taken < rows / parts;
      taken += rowsOf(entry);
      return isOurs;
    });
  }

  async function runBatch(worker: Worker, batch: readonly Entry[]): Promise<void> {
    const now = performance.now();
    const answer = await run(
      worker,
      batch.map(({ request }) => request),
      batch.map(({ arrivedMs }) => now - arrivedMs),
    ).then(
      results => (entry: Entry, index: number) => entry.resolve(results[index]!),
      error => (entry: Entry) => entry.reject(error),
    );
    // Behind every promise that waits for this one: the worker has its next batch before anybody is answered.
    process.nextTick(() => batch.forEach(answer));
  }

  function leaveQueue(entry: Entry): boolean {
    const waited = queue.delete(entry) || delayed.delete(entry);
    if (waited) entry.leave();
    return waited;
  }

  function drop(entry: Entry, error: unknown): void {
    if (!leaveQueue(entry)) return;
    entry.reject(error);
    dispatch();
  }

  function expire(entry: Entry): void {
    if (queueRules.timeoutAction === 'reject') {
      drop(entry, new StatusError('UNAVAILABLE', 'Request timeout expired'));
      return;
    }
    queue.delete(entry);
    delayed.add(entry);
  }

  function refusal({ id, bytes }: Request, signal: AbortSignal | undefined): unknown {
    if (isClosed) return shuttingDown();
    if (signal?.aborted) return signal.reason;
    // Before anybody is refused, who can run does.
    if (waiting() >= queueRules.maxQueued) dispatch();
    const isFull = waiting() >= queueRules.maxQueued || !budget.take(bytes);
    return isFull ? new StatusError('UNAVAILABLE', `${requestPrefix(id)} Exceeds maximum queue size`) : undefined;
  }

  /** The promise's two ends: whichever is called gives the bytes back, and waits for its place where order counts. */
  function answer({ bytes }: Request, settle: PromiseWithResolvers<Result>): Pick<Entry, 'resolve' | 'reject'> {
    const release = order?.arrive() ?? (settleNow => settleNow());
    return {
      resolve(result) {
        budget.give(bytes);
        release(() => settle.resolve(result));
      },
      reject(error) {
        budget.give(bytes);
        release(() => settle.reject(error));
      },
    };
  }

  function submit(request: Request, signal?: AbortSignal): Promise<Result> {
    const refused = refusal(request, signal);
    if (refused !== undefined) return Promise.reject(refused);
    const settle = Promise.withResolvers<Result>();
    const { resolve, reject } = answer(request, settle);
    const timeoutMs = timeoutOf(queueRules, request.timeoutMs);
    const expiry = timeoutMs > 0 ? setTimeout(() => expire(entry), timeoutMs) : undefined;
    const abandon = (): void => {
      drop(entry, signal?.reason);
      // Whoever left waits for no place.
      settle.reject(signal?.reason);
    };
    const leave = (): void => {
      clearTimeout(expiry);
      signal?.removeEventListener('abort', abandon);
    };
    const { batchSize, shapeKey } = request;
    const entry: Entry = { request, batchSize, shapeKey, arrivedMs: performance.now(), leave, resolve, reject };
    signal?.addEventListener('abort', abandon, { once: true });
    queue.add(entry);
    dispatchSoon();
    return settle.promise;
  }

  return {
    submit,
    waiting,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      clearImmediate(soon);
      for (const entry of [...everyone()]) {
        leaveQueue(entry);
        entry.reject(shuttingDown());
      }
      await Promise.all(turns);
    },
  };
}

/** A model that does not batch knows no rows, and a batch may have none. */
function rowsOf({ batchSize }: WaitingRequest): number {
  return Math.max(1, batchSize);
}

/** Rows of a batch, as it counts towards sizes and times. */
export function rowsOfAll(requests: readonly WaitingRequest[]): number {
  return requests.reduce((sum, request) => sum + rowsOf(request), 0);
}

function shuttingDown(): StatusError {
  return new StatusError('UNAVAILABLE', 'the server is shutting down');
}
