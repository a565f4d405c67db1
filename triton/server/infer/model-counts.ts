import type { ExecutedBatch, FailureReason } from './model-metrics.ts';

/** So many times, and the sum of what they took. */
export type Duration = { readonly count: number; readonly ms: number };

export type BatchCounts = { readonly input: Duration; readonly infer: Duration; readonly output: Duration };

/**
 * What one model version has done. The durations of `requests` are sums over requests that succeeded: each request of a batch
 * counts its batch's time whole. Those of `batches` are sums over batches, by their rows.
 */
export type ModelCounts = {
  readonly rows: number;
  readonly executions: number;
  /** Unix time of the last batch in milliseconds; 0 before the first. */
  readonly lastInferenceMs: number;
  readonly requests: BatchCounts & { readonly success: Duration; readonly queue: Duration };
  readonly failures: Readonly<Record<FailureReason, Duration>>;
  /** Ascending. */
  readonly batches: readonly (BatchCounts & { readonly rows: number })[];
};

export type ModelCounter = {
  executed(batch: ExecutedBatch): void;
  failed(reason: FailureReason, elapsedMs: number): void;
  read(): ModelCounts;
};

/** Counts of one model version from zero on. ModelStatistics and Prometheus' metrics both read them, so they agree. */
export function createModelCounter(): ModelCounter {
  const requests = { success: createSum(), queue: createSum(), ...createParts() };
  const failures = { OTHER: createSum(), BACKEND: createSum(), CANCELED: createSum(), REJECTED: createSum() };
  const batches = new Map<number, Parts>();
  let rows = 0;
  let executions = 0;
  let lastInferenceMs = 0;
  return {
    executed(batch) {
      const { waitedMs, totalMs, inputMs, inferMs, outputMs } = batch;
      const count = waitedMs.length;
      const waited = waitedMs.reduce((sum, ms) => sum + ms, 0);
      rows += batch.rows;
      executions += 1;
      lastInferenceMs = Date.now();
      // Waiting for a worker thread is waiting too.
      const idleMs = Math.max(0, totalMs - inputMs - inferMs - outputMs);
      add(requests.success, count, waited + count * totalMs);
      add(requests.queue, count, waited + count * idleMs);
      addParts(requests, count, batch);
      let parts = batches.get(batch.rows);
      if (parts === undefined) {
        parts = createParts();
        batches.set(batch.rows, parts);
      }
      addParts(parts, 1, batch);
    },
    failed: (reason, elapsedMs) => add(failures[reason], 1, elapsedMs),
    read: () => ({
      rows,
      executions,
      lastInferenceMs,
      requests,
      failures,
      batches: [...batches].sort(([a], [b]) => a - b).map(([size, parts]) => ({ rows: size, ...parts })),
    }),
  };
}

type Sum = { count: number; ms: number };
type Parts = { readonly input: Sum; readonly infer: Sum; readonly output: Sum };

const createSum = (): Sum => ({ count: 0, ms: 0 });
const createParts = (): Parts => ({ input: createSum(), infer: createSum(), output: createSum() });

function addParts(parts: Parts, count: number, { inputMs, inferMs, outputMs }: ExecutedBatch): void {
  add(parts.input, count, count * inputMs);
  add(parts.infer, count, count * inferMs);
  add(parts.output, count, count * outputMs);
}

function add(sum: Sum, count: number, ms: number): void {
  sum.count += count;
  sum.ms += ms;
}
