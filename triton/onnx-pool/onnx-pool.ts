import { createLine, type Line } from '../core/line.ts';
import type { LendOptions, LentWorker, OnnxPool, RunOptions } from './job.ts';
import { PoolError } from './pool-error.ts';
import { createPoolWorker, type PoolWorker } from './pool-worker.ts';

export type OnnxPoolOptions = {
  /** Worker threads, each with sessions of its own. One per core. */
  readonly threads: number;
  /** Jobs that may wait; more are refused with `QUEUE_FULL`. */
  readonly maxQueued: number;
};

/** `begin` never rejects: how it ends is between it and who waits for it. */
type WaitingJob = LendOptions & {
  begin(worker: PoolWorker): Promise<void>;
  refuse(error: unknown): void;
};

/** A lane is one thread with the jobs that only it may run; the shared queue holds the others. */
type Lane = {
  readonly worker: PoolWorker;
  readonly pinned: WaitingJob[];
  readonly begun: Line<WaitingJob>;
  /** When what runs there has begun, counted in beginnings. */
  since: number;
};

/**
 * A pool of worker threads for ONNX Runtime, whose `session.run` blocks the thread that calls it. Threads start with
 * their first job; a thread that dies (uncaught exception, exit) rejects the jobs it had with `WORKER_DIED` and is
 * replaced for the next one, loading its sessions anew.
 * @throws RangeError when `threads` or `maxQueued` is not a positive integer
 */
export function createOnnxPool({ threads, maxQueued }: OnnxPoolOptions): OnnxPool {
  for (const [name, value] of Object.entries({ threads, maxQueued })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name}: expected a positive integer, got ${value}`);
  }
  const lanes: Lane[] = Array.from({ length: threads }, () => ({
    worker: createPoolWorker(),
    pinned: [],
    begun: createLine(),
    since: 0,
  }));
  const queue: WaitingJob[] = [];
  const running = createLine<Promise<void>>();
  let beginnings = 0;
  let closing: Promise<void> | undefined;

  function dispatch(): void {
    for (const lane of lanes) {
      if (lane.begun.size > 0) continue;
      const job = lane.pinned.shift() ?? queue.shift();
      if (job !== undefined) begin(lane, job);
    }
    for (let lane = laneFor(queue[0]); lane !== undefined; lane = laneFor(queue[0])) begin(lane, queue.shift()!);
  }

  /** For whoever need not wait until a lane is free. */
  function laneFor(job: WaitingJob | undefined): Lane | undefined {
    if (!job?.mayFollow?.()) return undefined;
    const brief = lanes.filter(
      ({ begun, pinned }) => begun.size === 1 && pinned.length === 0 && [...begun][0]!.isBrief?.(),
    );
    // What began first is the first to end.
    return brief.sort((a, b) => a.since - b.since)[0];
  }

  function begin(lane: Lane, job: WaitingJob): void {
    const { worker, begun } = lane;
    if (begun.size === 0) lane.since = ++beginnings;
    begun.add(job);
    const finished = job.begin(worker).finally(() => {
      running.delete(finished);
      begun.delete(job);
      lane.since = ++beginnings;
      dispatch();
    });
    running.add(finished);
  }

  function submit(line: WaitingJob[], job: URL, input: unknown, options: RunOptions = {}): Promise<unknown> {
    const { signal, transfer } = options;
    if (closing !== undefined) return Promise.reject(closedError());
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const waiting: WaitingJob = {
      begin: worker => Promise.try(() => worker.run(job.href, input, transfer)).then(resolve, reject),
      refuse: reject,
    };
    const abandon = (): void => {
      const place = line.indexOf(waiting);
      if (place >= 0) line.splice(place, 1);
      reject(signal?.reason);
      dispatch();
    };
    signal?.addEventListener('abort', abandon, { once: true });
    line.push(waiting);
    dispatch();
    return promise.finally(() => signal?.removeEventListener('abort', abandon));
  }

  function lend(use: (worker: LentWorker) => Promise<void>, options?: LendOptions): Promise<void> {
    if (closing !== undefined) return Promise.reject(closedError());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const lent = (worker: PoolWorker): LentWorker => ({
      async run<Input, Output>(job: URL, input: Input, options: Pick<RunOptions, 'transfer'> = {}): Promise<Output> {
        return (await worker.run(job.href, input, options.transfer)) as Output;
      },
    });
    queue.push({ ...options, begin: worker => Promise.try(use, lent(worker)).then(resolve, reject), refuse: reject });
    dispatch();
    return promise;
  }

  function refuseWhenFull(): void {
    if (queue.length < maxQueued) return;
    throw new PoolError('QUEUE_FULL', `the ONNX pool's queue is full: ${maxQueued} jobs wait already`);
  }

  async function drainAndEnd(): Promise<void> {
    for (const job of [...queue.splice(0), ...lanes.flatMap(lane => lane.pinned.splice(0))]) {
      job.refuse(new PoolError('POOL_CLOSED', 'the ONNX pool was closed before the job began'));
    }
    await Promise.all(running);
    await Promise.all(lanes.map(lane => lane.worker.close()));
  }

  return {
    threads,
    waiting: () => queue.length,
    idle: () => lanes.filter(({ begun }) => begun.size === 0).length,
    async run<Input, Output>(job: URL, input: Input, options?: RunOptions): Promise<Output> {
      refuseWhenFull();
      // The job's module decides what it returns; its caller names the type, as with any message between threads.
      return (await submit(queue, job, input, options)) as Output;
    },
    async lend(use, options) {
      refuseWhenFull();
      await lend(use, options);
    },
    async runEverywhere<Input, Output>(job: URL, input: Input): Promise<readonly Output[]> {
      const outputs = await Promise.all(lanes.map(lane => submit(lane.pinned, job, input)));
      return outputs as Output[];
    },
    close() {
      closing ??= drainAndEnd();
      return closing;
    },
  };
}

function closedError(): PoolError {
  return new PoolError('POOL_CLOSED', 'the ONNX pool is closed');
}
