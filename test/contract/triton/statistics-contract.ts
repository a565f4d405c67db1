import { describe, expect, it, vi } from 'vitest';
import { GRPCInferenceService } from '../../../proto/gen/grpc_service_pb.ts';
import type { RawWire } from './raw-wire.ts';
import { rpcModels } from './rpc-models.ts';

const { modelStatistics } = GRPCInferenceService.method;

/** ModelStatistics; the models `counted` and `counted_alone` are asked here only. */
export function describeStatistics(wire: () => RawWire): void {
  describe('of statistics', () => {
    const infer = (modelName: string, shape: readonly number[], count: number) =>
      wire().infer({
        modelName,
        inputs: [{ name: 'IN', datatype: 'FP32', shape: shape.map(BigInt) }],
        rawInputContents: [new Uint8Array(4 * count)],
      });
    const statisticsOf = async (name: string) => {
      const { modelStats } = await wire().call(modelStatistics, { name });
      expect(modelStats.map(({ name, version }) => `${name} ${version}`)).toEqual([`${name} 1`]);
      return modelStats[0];
    };

    /** A real Triton counts a request after its answer has gone out. */
    const countedOf = (name: string, requests: bigint) =>
      vi.waitFor(
        async () => {
          const counted = await statisticsOf(name);
          expect(counted?.inferenceStats?.success?.count).toBe(requests);
          return counted;
        },
        { timeout: 10_000, interval: 20 },
      );

    it('counts nothing before the first request', async () => {
      const zero = { count: 0n, ns: 0n };
      expect(await statisticsOf('counted')).toMatchObject({
        lastInference: 0n,
        inferenceCount: 0n,
        executionCount: 0n,
        inferenceStats: {
          success: zero,
          fail: zero,
          queue: zero,
          computeInput: zero,
          computeInfer: zero,
          computeOutput: zero,
          cacheHit: zero,
          cacheMiss: zero,
        },
        batchStats: [],
        memoryUsage: [],
        responseStats: {},
      });
    });

    it('counts requests, their rows, the batches that they ran in, and how long each part took', async () => {
      const before = BigInt(Date.now());
      await infer('counted', [3, 1], 3);
      await infer('counted', [1, 1], 1);
      await infer('counted', [3, 1], 3);
      const counted = await countedOf('counted', 3n);
      expect(counted).toMatchObject({ inferenceCount: 7n, executionCount: 3n });
      expect(counted?.lastInference).toBeGreaterThanOrEqual(before);
      expect(counted?.lastInference).toBeLessThanOrEqual(BigInt(Date.now()));
      const { success, fail, queue, computeInput, computeInfer, computeOutput } = counted?.inferenceStats ?? {};
      const parts = [queue, computeInput, computeInfer, computeOutput];
      expect([success, ...parts].map(part => part?.count)).toEqual([3n, 3n, 3n, 3n, 3n]);
      expect(fail?.count).toBe(0n);
      expect(parts.every(part => (part?.ns ?? 0n) > 0n)).toBe(true);
      expect(parts.reduce((sum, part) => sum + (part?.ns ?? 0n), 0n)).toBeLessThanOrEqual((success?.ns ?? 0n) + 10n);
      expect(counted?.batchStats.map(({ batchSize, computeInfer }) => [batchSize, computeInfer?.count])).toEqual([
        [1n, 1n],
        [3n, 2n],
      ]);
      const batchNs = counted?.batchStats.reduce((sum, { computeInfer }) => sum + (computeInfer?.ns ?? 0n), 0n);
      // No two requests shared a batch.
      expect(Number(batchNs)).toBeCloseTo(Number(computeInfer?.ns), -1);
    });

    it('counts a request of a model without batches as one', async () => {
      await infer('counted_alone', [5], 5);
      expect(await countedOf('counted_alone', 1n)).toMatchObject({
        inferenceCount: 1n,
        executionCount: 1n,
        batchStats: [{ batchSize: 1n }],
      });
    });

    it('does not count what the check of a request refuses', async () => {
      await expect(infer('counted_alone', [5], 4)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(await statisticsOf('counted_alone')).toMatchObject({ inferenceStats: { fail: { count: 0n } } });
    });

    it('tells of every model when none is named, whatever version is', async () => {
      for (const version of ['', '1', '7']) {
        const { modelStats } = await wire().call(modelStatistics, { version });
        expect(modelStats.map(({ name }) => name)).toEqual(Object.keys(rpcModels).sort());
      }
    });

    it.each([
      ['an unknown model', { name: 'nope' }, "requested model 'nope' is not available"],
      ['an unknown model and version', { name: 'nope', version: '4' }, "requested model 'nope' is not available"],
      [
        'an unknown version',
        { name: 'counted', version: '4' },
        "requested model version is not available for model 'counted'",
      ],
      [
        'no version',
        { name: 'nope', version: 'abc' },
        "failed to get model version from specified version string 'abc' (details: stol), version should be an integral value > 0",
      ],
    ])('refuses %s', async (_, request, message) => {
      await expect(wire().call(modelStatistics, request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
    });
  });
}
