import type { ModelConfig } from '../../../proto/gen/model_config_pb.ts';
import type { OnnxPool } from '../../onnx-pool/job.ts';
import { createBatcher } from './batcher.ts';
import { createBufferShelf } from './buffer-shelf.ts';
import { runBatch } from './run-batch.ts';
import type { CheckedRequest, OutputTensor, ServedModel } from './served-model.ts';

/** Bounds of every model's queue; a model's own `max_queue_size` may lower the first. */
export type QueueLimits = { readonly maxQueued: number; readonly maxQueuedBytes: number };

/** What runs the requests of one model version. */
export type ModelExecutor = {
  /** @throws StatusError, or the signal's reason when it fires while the request waits */
  infer(request: CheckedRequest, signal?: AbortSignal): Promise<readonly OutputTensor[]>;
  close(): Promise<void>;
};

/** Queue, batches and worker threads of a model, by its configuration: scheduling, queue policy, instance groups. */
export function createModelExecutor(pool: OnnxPool, model: ServedModel, limits: QueueLimits): ModelExecutor {
  const { config } = model;
  const instances = config.instanceGroup.reduce((sum, { count }) => sum + count, 0);
  const shelf = createBufferShelf(model.inputs.length * (instances + 1));
  const dynamic = config.schedulingChoice.case === 'dynamicBatching' ? config.schedulingChoice.value : undefined;
  const policy = dynamic?.defaultQueuePolicy;
  const batcher = createBatcher<CheckedRequest, readonly OutputTensor[]>({
    rules: {
      // Without dynamic_batching a request is a batch of its own, as in Triton's default scheduler.
      maxBatchSize: dynamic === undefined ? 0 : config.maxBatchSize,
      preferredSizes: dynamic?.preferredBatchSize ?? [],
      maxDelay: Number(dynamic?.maxQueueDelayMicroseconds ?? 0n) / 1000,
    },
    instances,
    maxQueued: Math.min(limits.maxQueued, policy?.maxQueueSize || limits.maxQueued),
    maxQueuedBytes: limits.maxQueuedBytes,
    queueTimeoutMs: queueTimeoutMs(policy),
    run: requests => runBatch(pool, shelf, model, requests),
  });
  return { infer: (request, signal) => batcher.submit(request, signal), close: () => batcher.close() };
}

type QueuePolicy = NonNullable<
  Extract<ModelConfig['schedulingChoice'], { case: 'dynamicBatching' }>['value']['defaultQueuePolicy']
>;

/** DELAY lets late requests run when nothing else waits, which first come, first served does anyhow. */
function queueTimeoutMs(policy: QueuePolicy | undefined): number {
  if (policy === undefined || policy.timeoutAction !== 0) return 0;
  return Number(policy.defaultTimeoutMicroseconds) / 1000;
}
