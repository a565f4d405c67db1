import type { Transferable } from 'node:worker_threads';
import type { InferenceSession, TensorConstructor } from 'onnxruntime-node';

export type { InferenceSession, Tensor } from 'onnxruntime-node';

/** What a job finds in the worker thread that runs it. */
export type JobContext = {
  /**
   * The worker's own session for this model file, loaded on first use and kept. One intra-op thread. `sessionId` (the path
   * unless told otherwise) tells a session of the same file apart that was loaded at another time.
   */
  session(modelPath: string, sessionId?: string): Promise<InferenceSession>;
  /** Drops the worker's session of this id, if it has one. */
  release(sessionId: string): Promise<void>;
  /** ONNX Runtime's tensor class, so that jobs in other rooms need not import the runtime. */
  readonly Tensor: TensorConstructor;
};

export type JobResult<Output> = { readonly output: Output; readonly transfer?: readonly Transferable[] };

/** A module whose default export is a `Job` can be run in the pool by its URL. `input` and `output` are structured-cloned. */
export type Job<Input, Output> = (input: Input, context: JobContext) => Promise<JobResult<Output>>;

export type RunOptions = { readonly transfer?: readonly Transferable[]; readonly signal?: AbortSignal };

/** Asked when it matters, since what a use will run is decided when it begins. */
export type LendOptions = {
  /** Whether it takes a few milliseconds. */
  isBrief?(): boolean;
  /**
   * Whether, where no worker is free, one that has a single brief use under way will do: it has its next job there when that ends,
   * without waiting for the thread that looks after all of them.
   */
  mayFollow?(): boolean;
};

/** One worker of the pool, for as long as it is lent. */
export type LentWorker = {
  /** Runs a job in it, behind one of whom it was lent before. Rejects as `OnnxPool.run` does, never with `QUEUE_FULL`. One job at a time. */
  run<Input, Output>(job: URL, input: Input, options?: Pick<RunOptions, 'transfer'>): Promise<Output>;
};

/** Worker threads that hold ONNX Runtime sessions; shared by the embedded Triton server and the detector. */
export type OnnxPool = {
  readonly threads: number;
  /** Jobs that wait for a thread. */
  waiting(): number;
  /** Threads that have nothing to do now. */
  idle(): number;
  /**
   * Runs the default export of the module at `job` in the first free worker, first come first served.
   * Rejects with the job's error (its name, message, stack and `code` are kept); at once with the signal's reason (an
   * AbortError unless told otherwise) when `signal` fires: a waiting job leaves the queue, a running one is finished and
   * its output dropped; with `PoolError` of code `QUEUE_FULL` when as many jobs wait as the pool accepts, `WORKER_DIED`
   * when the thread ended before the job had, `POOL_CLOSED` when the pool is closed.
   */
  run<Input, Output>(job: URL, input: Input, options?: RunOptions): Promise<Output>;
  /**
   * Lends the first free worker to `use` until its promise ends, in one line with the jobs of `run`: what to run is decided
   * when it can begin. `use` is called at once where a worker is free. Rejects with the error of `use`, with `PoolError` of
   * code `QUEUE_FULL` or `POOL_CLOSED`.
   */
  lend(use: (worker: LentWorker) => Promise<void>, options?: LendOptions): Promise<void>;
  /** Runs the job once in every worker, for loading, warming and releasing sessions. Answers what each of them gave. */
  runEverywhere<Input, Output = unknown>(job: URL, input: Input): Promise<readonly Output[]>;
  /** Waits for running jobs, rejects waiting ones, releases every session, ends the threads. */
  close(): Promise<void>;
};
