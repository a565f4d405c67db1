import type { BufferShelf } from '../../onnx-pool/buffer-shelf.ts';
import type { LentWorker, OnnxPool } from '../../onnx-pool/job.ts';
import { PoolError } from '../../onnx-pool/pool-error.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { StatusError } from '../status-error.ts';
import { createBatcher, rowsOfAll } from './batcher.ts';
import type { FailureReason, ModelMetrics } from './model-metrics.ts';
import { queueRules } from './queue-rules.ts';
import { createRowCost } from './row-cost.ts';
import { runBatch } from './run-batch.ts';
import type { CheckedRequest, OutputTensor, ServedModel } from './served-model.ts';

/** What every model's queue is bounded by: requests of one model, bytes of all. A model's own `max_queue_size` may lower the first. */
export type QueueLimits = { readonly maxQueued: number; readonly budget: ByteBudget };

/** What all models have in common: the threads, their bounds, and the memory that inputs travel in. */
export type ExecutorHost = { readonly pool: OnnxPool; readonly limits: QueueLimits; readonly shelf: BufferShelf };

/** What runs the requests of one model version. */
export type ModelExecutor = {
  /** Requests that wait for a batch. */
  waiting(): number;
  /** @throws StatusError, or the signal's reason when it fires while the request waits */
  infer(request: CheckedRequest, signal?: AbortSignal): Promise<readonly OutputTensor[]>;
  close(): Promise<void>;
};

/** Queue, batches and worker threads of a model, by its configuration: scheduling, queue policy, instance groups. */
export function createModelExecutor(
  { pool, limits, shelf }: ExecutorHost,
  model: ServedModel,
  metrics: ModelMetrics,
): ModelExecutor {
  const { config } = model;
  const instances = config.instanceGroup.reduce((sum, { count }) => sum + count, 0);
  const rowCost = createRowCost();
  const dynamic = config.schedulingChoice.case === 'dynamicBatching' ? config.schedulingChoice.value : undefined;
  const batcher = createBatcher<CheckedRequest, LentWorker, readonly OutputTensor[]>({
    rules: {
      // Without dynamic_batching a request is a batch of its own, as in Triton's default scheduler.
      maxBatchSize: dynamic === undefined ? 0 : config.maxBatchSize,
      preferredSizes: dynamic?.preferredBatchSize ?? [],
      maxDelay: Number(dynamic?.maxQueueDelayMicroseconds ?? 0n) / 1000,
    },
    queue: queueRules(config, limits.maxQueued),
    instances,
    preserveOrdering: dynamic?.preserveOrdering ?? false,
    budget: limits.budget,
    threads: pool.threads,
    lend: (use, options) => pool.lend(use, options).catch(toStatus),
    partsOf: rows => rowCost.partsOf(rows, pool.idle()),
    // Without a batch dimension a request of any size is one row.
    isBrief: rows => config.maxBatchSize > 0 && rowCost.isBrief(rows),
    async run(worker, requests, waitedMs) {
      const begun = performance.now();
      const { outputs, ...times } = await runBatch(worker, shelf, model, requests);
      const rows = rowsOfAll(requests);
      rowCost.ran(rows, times.inferMs);
      metrics.executed({ ...times, waitedMs, rows, totalMs: performance.now() - begun });
      return outputs;
    },
  });
  return {
    waiting: () => batcher.waiting(),
    async infer(request, signal) {
      const arrivedMs = performance.now();
      try {
        return await batcher.submit(request, signal);
      } catch (error) {
        metrics.failed(failureReason(error), performance.now() - arrivedMs);
        throw error;
      }
    },
    async close() {
      await batcher.close();
      metrics.retire();
    },
  };
}

/** A client that leaves aborts with CANCELLED; full and closed queues say UNAVAILABLE; a failed batch says INTERNAL. */
function failureReason(error: unknown): FailureReason {
  const code = error instanceof StatusError ? error.code : undefined;
  if (code === 'CANCELLED') return 'CANCELED';
  if (code === 'UNAVAILABLE') return 'REJECTED';
  return code === 'INTERNAL' ? 'BACKEND' : 'OTHER';
}

/** The pool takes no more, or is closed. */
function toStatus(error: unknown): never {
  if (error instanceof PoolError) throw new StatusError('UNAVAILABLE', error.message, { cause: error });
  throw error;
}
