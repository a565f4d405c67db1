import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../../../triton/client/create-tensor.ts';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import type { InferRequest, TritonClient } from '../../../triton/client/triton-client.ts';
import { fixtureModels } from './fixture-repository.ts';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';

const configOf = (maxBatchSize: number) => ({
  backend: 'onnxruntime',
  max_batch_size: maxBatchSize,
  input: [{ name: 'INPUT0', data_type: 'TYPE_FP32', dims: [4] }],
  output: [{ name: 'OUTPUT0', data_type: 'TYPE_FP32', dims: [4] }],
});

const rows = (model: string, count: number): InferRequest => ({
  model,
  inputs: [tensor('INPUT0', 'FP32', [count, 4], new Float32Array(4 * count))],
});

/** The client's model control over any Triton that has loaded all models of `fixture-repository.ts` and does what it is told. */
export function describeClientControl(name: string, open: OpenTriton): void {
  describe(`the client's model control, over ${name},`, () => {
    let client: TritonClient;
    let server: OpenedTriton;

    beforeAll(async () => {
      server = await open({ loadAtStart: ['*'] });
      client = createTritonClient({ address: server.address, deadlineMs: 60_000 });
    });

    afterAll(async () => {
      await client?.close();
      await server?.close();
    });

    it('checks requests against the configuration that it has loaded', async () => {
      await client.infer(rows('identity', 8));
      await client.loadModel('identity', { config: configOf(2) });
      expect((await client.modelConfig('identity')).maxBatchSize).toBe(2);
      await expect(client.infer(rows('identity', 3))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: "input 'INPUT0': expected a batch of 1 to 2, got 3",
      });
      await client.infer(rows('identity', 2));
    });

    it('notices what another client has loaded', async () => {
      await using other = createTritonClient({ address: server.address });
      await client.loadModel('identity', { config: configOf(2) });
      await client.infer(rows('identity', 2));
      await other.loadModel('identity', { config: configOf(4) });
      expect((await client.infer(rows('identity', 4))).outputs.get('OUTPUT0')?.shape).toEqual([4, 4]);
      await other.unloadModel('identity');
      await expect(client.infer(rows('identity', 1))).rejects.toMatchObject({ code: 'NOT_FOUND', model: 'identity' });
      await other.loadModel('identity', { config: configOf(4) });
      await client.infer(rows('identity', 1));
    });

    it('loads a model from the files that it brings, and unloads it', async () => {
      const files = { '1/model.onnx': fixtureModels.identity.versions[1] };
      await client.loadModel('brought', { config: configOf(2), files });
      expect((await client.infer(rows('brought', 2))).model).toBe('brought');
      await client.unloadModel('brought');
      expect(await client.modelReady('brought')).toBe(false);
    });

    it("gives the server's words about what cannot be loaded", async () => {
      await expect(client.loadModel('nope')).rejects.toMatchObject({
        code: 'INTERNAL',
        message: "failed to load 'nope', failed to poll from model repository",
        model: 'nope',
      });
    });
  });
}
