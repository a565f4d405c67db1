import { Worker } from 'node:worker_threads';
import type { RunOptions } from './job.ts';
import { PoolError } from './pool-error.ts';
import { type FromWorker, fromJobFailure, type ToWorker } from './worker-message.ts';

/** One thread, started when it is first needed and again after it died. Runs one job after another. */
export type PoolWorker = {
  /** After those before it. @throws the job's error, or `PoolError` of code `WORKER_DIED` when the thread ended before it had */
  run(url: string, input: unknown, transfer: RunOptions['transfer']): Promise<unknown>;
  /** Releases the thread's sessions and waits until it has ended. Not while a job runs. */
  close(): Promise<void>;
};

type Job = { resolve(output: unknown): void; reject(error: unknown): void };

export function createPoolWorker(): PoolWorker {
  let worker: Worker | undefined;
  /** The first is the one that runs. */
  const jobs: Job[] = [];

  function start(): Worker {
    // execArgv empty: a test runner's or a debugger's flags do not belong in the worker.
    const started = new Worker(new URL('./onnx-worker.ts', import.meta.url), {
      execArgv: [],
      name: 'onnx',
      // Megabytes of pixels and tensors lie outside of its heap; what is young in it would take 24 MB, most of it empty.
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    });
    let cause: unknown;
    started.on('message', (message: FromWorker) => {
      if (message.kind === 'done') jobs.shift()?.resolve(message.output);
      else jobs.shift()?.reject(fromJobFailure(message.failure));
    });
    started.on('messageerror', error => jobs.shift()?.reject(error));
    started.on('error', error => {
      cause = error;
    });
    started.on('exit', exitCode => {
      if (worker === started) worker = undefined;
      const reason = cause instanceof Error ? cause.message : `exit code ${exitCode}`;
      const died = new PoolError('WORKER_DIED', `the ONNX worker thread died under a job: ${reason}`, { cause });
      for (const job of jobs.splice(0)) job.reject(died);
    });
    return started;
  }

  return {
    run(url, input, transfer) {
      worker ??= start();
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      try {
        worker.postMessage({ kind: 'run', job: url, input } satisfies ToWorker, [...(transfer ?? [])]);
        jobs.push({ resolve, reject });
      } catch (error) {
        // The input cannot be cloned: the job's fault, and the thread knows nothing of it.
        reject(error);
      }
      return promise;
    },
    async close() {
      const ending = worker;
      if (ending === undefined) return;
      const ended = new Promise<void>(resolve => ending.once('exit', () => resolve()));
      ending.postMessage({ kind: 'close' } satisfies ToWorker);
      await ended;
    },
  };
}
