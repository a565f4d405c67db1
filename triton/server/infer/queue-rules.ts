import {
  type ModelConfig,
  ModelQueuePolicy_TimeoutAction as TimeoutAction,
} from '../../../proto/gen/model_config_pb.ts';

/** What becomes of requests that wait, by `dynamic_batching.default_queue_policy`. */
export type QueueRules = {
  /** Requests that may wait; more are refused. */
  readonly maxQueued: number;
  /** Time a request may wait, in milliseconds; 0: any. */
  readonly timeoutMs: number;
  /** After that time: refused, or run when nobody else waits. */
  readonly timeoutAction: 'reject' | 'delay';
  /** Whether a request's own `timeout` counts. */
  readonly allowTimeoutOverride: boolean;
};

/** @param maxQueued what the server allows every model; a model's `max_queue_size` may lower it */
export function queueRules({ schedulingChoice }: ModelConfig, maxQueued: number): QueueRules {
  const policy = schedulingChoice.case === 'dynamicBatching' ? schedulingChoice.value.defaultQueuePolicy : undefined;
  return {
    maxQueued: Math.min(maxQueued, policy?.maxQueueSize || maxQueued),
    timeoutMs: Number(policy?.defaultTimeoutMicroseconds ?? 0n) / 1000,
    timeoutAction: policy?.timeoutAction === TimeoutAction.DELAY ? 'delay' : 'reject',
    allowTimeoutOverride: policy?.allowTimeoutOverride ?? false,
  };
}

/**
 * How long a request may wait. Its own timeout can only lower the model's, so where the model has none it has no effect
 * (seen on Triton 2.51).
 */
export function timeoutOf({ timeoutMs, allowTimeoutOverride }: QueueRules, ownMs: number): number {
  return allowTimeoutOverride && ownMs > 0 && ownMs < timeoutMs ? ownMs : timeoutMs;
}
