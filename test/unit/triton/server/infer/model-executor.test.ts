import { setImmediate } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ModelConfigSchema } from '../../../../../proto/gen/model_config_pb.ts';
import { createBufferShelf } from '../../../../../triton/onnx-pool/buffer-shelf.ts';
import type { OnnxPool } from '../../../../../triton/onnx-pool/job.ts';
import { PoolError } from '../../../../../triton/onnx-pool/pool-error.ts';
import { createByteBudget } from '../../../../../triton/server/byte-budget.ts';
import { createModelExecutor } from '../../../../../triton/server/infer/model-executor.ts';
import type { ExecutedBatch, FailureReason } from '../../../../../triton/server/infer/model-metrics.ts';
import type { CheckedRequest, ServedModel } from '../../../../../triton/server/infer/served-model.ts';
import { StatusError } from '../../../../../triton/server/status-error.ts';

const model: ServedModel = {
  name: 'm',
  version: '1',
  modelPath: 'm.onnx',
  sessionId: 'm',
  config: create(ModelConfigSchema, {
    maxBatchSize: 8,
    instanceGroup: [{ count: 1 }],
    schedulingChoice: { case: 'dynamicBatching', value: {} },
  }),
  inputs: [{ name: 'IN', datatype: 'UINT8', dims: [1] }],
  outputs: [],
};
const request = (rows: number): CheckedRequest => ({
  id: '',
  batchSize: rows,
  shapeKey: '',
  inputs: [{ shape: [rows, 1], data: new Uint8Array(rows) }],
  outputs: [],
  bytes: rows,
  buffer: undefined,
  timeoutMs: 0,
});

/** An executor whose model is `run`, with what it counts. */
function executorOf(run: () => Promise<object>, maxQueued = 10) {
  const executed: ExecutedBatch[] = [];
  const failed: FailureReason[] = [];
  const pool: OnnxPool = {
    threads: 1,
    waiting: () => 0,
    idle: () => 1,
    // The only job that an executor runs is the one whose answer `run` gives.
    run: () => Promise.reject(new Error('an executor borrows workers')),
    lend: use => use({ run: async <Input, Output>(_job: URL, _input: Input) => (await run()) as Output }),
    runEverywhere: async () => [],
    close: async () => {},
  };
  const metrics = {
    executed: (batch: ExecutedBatch) => void executed.push(batch),
    failed: (reason: FailureReason) => void failed.push(reason),
    retire: () => {},
  };
  return {
    executor: createModelExecutor(
      { pool, limits: { maxQueued, budget: createByteBudget(1000) }, shelf },
      model,
      metrics,
    ),
    executed,
    failed,
  };
}

const shelf = createBufferShelf(2);
const answer = { tensors: [], buffers: [], inputMs: 1, inferMs: 20, outputMs: 2 };

describe('what an executor counts', () => {
  it('is each batch, with its rows and the time that its requests waited', async () => {
    const { executor, executed, failed } = executorOf(async () => answer);
    await executor.infer(request(3));
    // The worker is given back after the answer.
    await setImmediate();
    expect(executed).toMatchObject([{ rows: 3, inferMs: 20, waitedMs: [expect.any(Number)] }]);
    await Promise.all([executor.infer(request(1)), executor.infer(request(2)), executor.infer(request(3))]);
    expect(executed.map(({ rows, waitedMs }) => [rows, waitedMs.length])).toEqual([
      [3, 1],
      [6, 3],
    ]);
    expect(executed[0]?.inputMs).toBeGreaterThanOrEqual(1);
    expect(failed).toEqual([]);
  });

  it.each<[string, Error, FailureReason]>([
    ['the model fails', new Error('no memory'), 'BACKEND'],
    ['the thread dies under it', new PoolError('WORKER_DIED', 'died'), 'BACKEND'],
    ['the pool takes no more', new PoolError('QUEUE_FULL', 'full'), 'REJECTED'],
  ])('is a failure with its reason when %s', async (_, error, reason) => {
    const { executor, executed, failed } = executorOf(() => Promise.reject(error));
    await expect(executor.infer(request(1))).rejects.toThrow();
    expect({ executed, failed }).toEqual({ executed: [], failed: [reason] });
  });

  it('is what waits, what its client left and what a full queue refused', async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    const { executor, failed } = executorOf(() => promise, 1);
    const leaving = new AbortController();
    const running = executor.infer(request(1));
    const waiting = executor.infer(request(1), leaving.signal);
    expect(executor.waiting()).toBe(1);
    await expect(executor.infer(request(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    leaving.abort(new StatusError('CANCELLED', 'the call was cancelled'));
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(executor.waiting()).toBe(0);
    expect(failed).toEqual(['REJECTED', 'CANCELED']);
    resolve(answer);
    await running;
    await executor.close();
  });
});
