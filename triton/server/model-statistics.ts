import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ModelStatistics,
  ModelStatisticsSchema,
  type StatisticDurationSchema,
} from '../../proto/gen/grpc_service_pb.ts';
import type { BatchCounts, Duration, ModelCounts } from './infer/model-counts.ts';

/** A version's counts as ModelStatistics tells them; the caches that the embedded server has none of are there with nothing in them. */
export function toModelStatistics(name: string, version: string, counts: ModelCounts): ModelStatistics {
  const { rows, executions, lastInferenceMs, requests, failures, batches } = counts;
  return create(ModelStatisticsSchema, {
    name,
    version,
    lastInference: BigInt(lastInferenceMs),
    inferenceCount: BigInt(rows),
    executionCount: BigInt(executions),
    inferenceStats: {
      success: nanoseconds(requests.success),
      fail: nanoseconds(sum(Object.values(failures))),
      queue: nanoseconds(requests.queue),
      ...compute(requests),
      cacheHit: {},
      cacheMiss: {},
    },
    batchStats: batches.map(batch => ({ batchSize: BigInt(batch.rows), ...compute(batch) })),
  });
}

function compute({ input, infer, output }: BatchCounts) {
  return {
    computeInput: nanoseconds(input),
    computeInfer: nanoseconds(infer),
    computeOutput: nanoseconds(output),
  };
}

function nanoseconds({ count, ms }: Duration): MessageInitShape<typeof StatisticDurationSchema> {
  return { count: BigInt(count), ns: BigInt(Math.round(ms * 1e6)) };
}

function sum(durations: readonly Duration[]): Duration {
  return {
    count: durations.reduce((total, { count }) => total + count, 0),
    ms: durations.reduce((total, { ms }) => total + ms, 0),
  };
}
