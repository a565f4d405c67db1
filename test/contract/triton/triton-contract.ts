import { create, toJson } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  GRPCInferenceService,
  ModelInferRequestSchema,
  type ModelInferResponse,
  RepositoryIndexRequestSchema,
} from '../../../proto/gen/grpc_service_pb.ts';
import { ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import type { TritonClient } from '../../../triton/client/triton-client.ts';
import { unaryCall } from '../../../triton/client/unary-call.ts';
import { toFloat32Array } from '../../../triton/core/tensor.ts';
import { grpcMethod } from '../../../triton/grpc-definition.ts';
import { modelInferMethod } from '../../../triton/model-infer-method.ts';
import { fixtureModels } from './fixture-repository.ts';
import { floats, type InferInit, observedRefusals } from './observed-refusals.ts';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';

/** What holds for any Triton that serves the models of `fixture-repository.ts`, the embedded one and NVIDIA's. */
export function describeTriton(name: string, open: OpenTriton): void {
  describe(`${name}, as any Triton,`, () => {
    let client: TritonClient;
    let raw: Client;
    let server: OpenedTriton;

    beforeAll(async () => {
      server = await open();
      client = createTritonClient({ address: server.address, deadlineMs: 20_000 });
      raw = new Client(server.address, credentials.createInsecure());
    });

    afterAll(async () => {
      client?.close();
      raw?.close();
      await server?.close();
    });

    /** Past the client's own checks: what is sent may be wrong. */
    const infer = (request: InferInit): Promise<ModelInferResponse> =>
      unaryCall(raw, modelInferMethod, create(ModelInferRequestSchema, request), { deadlineMs: 20_000 });

    it.each(observedRefusals)('refuses $name', async ({ request, code, text }) => {
      await expect(infer(request)).rejects.toMatchObject({ name: 'TritonError', code, message: text });
    });

    it('is live and ready, and says so of its models', async () => {
      expect(await client.serverLive()).toBe(true);
      expect(await client.serverReady()).toBe(true);
      expect(await client.modelReady('identity')).toBe(true);
      expect(await client.modelReady('identity', { version: '1' })).toBe(true);
      expect(await client.modelReady('identity', { version: '2' })).toBe(false);
      expect(await client.modelReady('nope')).toBe(false);
      await expect(client.modelReady('identity', { version: 'abc' })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    });

    it('names itself triton', async () => {
      const { name, version, extensions } = await client.serverMetadata();
      expect(name).toBe('triton');
      expect(version).toMatch(/^\d+\.\d+\.\d+/);
      expect(extensions).toContain('model_configuration');
    });

    it('lists its models in the index, each served version', async () => {
      const models = await client.repositoryIndex();
      const versions = Object.entries(fixtureModels).flatMap(([name, model]) =>
        Object.keys(model.versions).map(version => `${name} ${version} READY`),
      );
      expect(models.map(({ name, version, state }) => `${name} ${version} ${state}`)).toEqual(versions.sort());
    });

    it('describes tensors with a batch dimension of -1, and without one where the model does not batch', async () => {
      const two = await client.modelMetadata('two');
      expect(two).toMatchObject({ name: 'two', versions: ['1'], platform: 'onnxruntime_onnx' });
      expect(two.inputs).toMatchObject([
        { name: 'A', datatype: 'FP32', shape: [-1, 4] },
        { name: 'B', datatype: 'FP32', shape: [-1, -1] },
      ]);
      const plain = await client.modelMetadata('plain');
      expect(plain.versions).toEqual(['1', '3']);
      expect(plain.outputs).toMatchObject([{ name: 'OUT', datatype: 'FP32', shape: [2, -1] }]);
      expect((await client.modelMetadata('plain', { version: '1' })).versions).toEqual(['1']);
      await expect(client.modelMetadata('nope')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Request for unknown model: 'nope' is not found",
      });
      await expect(client.modelMetadata('identity', { version: '7' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Request for unknown model: 'identity' version 7 is not found",
      });
    });

    it('gives configurations with every default filled in', async () => {
      const pinned = { inputPinnedMemory: { enable: true }, outputPinnedMemory: { enable: true } };
      expect(await configOf('identity')).toEqual({
        name: 'identity',
        platform: 'onnxruntime_onnx',
        backend: 'onnxruntime',
        versionPolicy: { latest: { numVersions: 1 } },
        maxBatchSize: 8,
        input: [{ name: 'INPUT0', dataType: 'TYPE_FP32', dims: ['4'] }],
        output: [{ name: 'OUTPUT0', dataType: 'TYPE_FP32', dims: ['4'] }],
        instanceGroup: [{ name: 'identity_0', count: 1, kind: 'KIND_CPU' }],
        defaultModelFilename: 'model.onnx',
        dynamicBatching: { preferredBatchSize: [4, 8], maxQueueDelayMicroseconds: '1000' },
        optimization: pinned,
      });
      // No instance_group and no preferred size of its own.
      expect(await configOf('add')).toMatchObject({
        instanceGroup: [{ name: 'add', count: 2, kind: 'KIND_CPU' }],
        dynamicBatching: { preferredBatchSize: [16] },
      });
      expect(await configOf('plain')).toMatchObject({ name: 'plain', versionPolicy: { all: {} } });
    });

    it('answers a batch, with its id, raw even when asked by typed contents', async () => {
      const answer = await infer({
        modelName: 'identity',
        id: 'req-1',
        inputs: [{ name: 'INPUT0', datatype: 'FP32', shape: [2n, 4n] }],
        rawInputContents: [floats(8)],
      });
      expect(answer).toMatchObject({ modelName: 'identity', modelVersion: '1', id: 'req-1' });
      expect(answer.outputs).toMatchObject([{ name: 'OUTPUT0', datatype: 'FP32', shape: [2n, 4n] }]);
      expect([...toFloat32Array(answer.rawOutputContents[0] ?? new Uint8Array())]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);

      const typed = await infer({
        modelName: 'int32',
        inputs: [{ name: 'IN', datatype: 'INT32', shape: [1n, 3n], contents: { intContents: [1, -2, 3] } }],
      });
      expect(typed.outputs).toMatchObject([{ name: 'OUT', datatype: 'INT32', shape: [1n, 3n] }]);
      const bytes = typed.rawOutputContents[0]?.slice();
      expect([...new Int32Array(bytes?.buffer ?? new ArrayBuffer())]).toEqual([2, -4, 6]);
    });

    it("answers outputs in the model's order, only those that are wanted", async () => {
      const request = {
        modelName: 'two',
        inputs: [
          { name: 'B', datatype: 'FP32', shape: [1n, 3n] },
          { name: 'A', datatype: 'FP32', shape: [1n, 4n] },
        ],
        rawInputContents: [floats(3), floats(4)],
      };
      const both = await infer({ ...request, outputs: [{ name: 'SB' }, { name: 'SA' }] });
      expect(both.outputs.map(({ name }) => name)).toEqual(['SA', 'SB']);
      expect(both.rawOutputContents.map(bytes => toFloat32Array(bytes)[0])).toEqual([6, 3]);
      const one = await infer({ ...request, outputs: [{ name: 'SB' }, { name: 'SB' }] });
      expect(one.outputs.map(({ name }) => name)).toEqual(['SB']);
    });

    it('ignores raw buffers beyond the inputs, parameters of its users, and a version written with more than digits', async () => {
      for (const modelVersion of ['', '1', '01', ' 1', '1x']) {
        const answer = await infer({
          modelName: 'identity',
          modelVersion,
          parameters: { trace_id: { parameterChoice: { case: 'stringParam', value: 't-1' } } },
          inputs: [{ name: 'INPUT0', datatype: 'FP32', shape: [1n, 4n] }],
          rawInputContents: [floats(4), floats(4)],
        });
        expect(answer.rawOutputContents).toEqual([floats(4)]);
      }
    });

    it('serves several versions, the latest when none is named', async () => {
      const data = new Uint8Array(Float32Array.of(1, -2).buffer);
      const inputs = [{ name: 'IN', datatype: 'FP32' as const, shape: [2, 1], data }];
      const values = async (version?: string): Promise<number[]> => {
        const { outputs } = await client.infer({ model: 'plain', version, inputs });
        return [...toFloat32Array(outputs.get('OUT')?.data ?? new Uint8Array())];
      };
      expect(await values('1')).toEqual([-1, 2]);
      expect(await values('3')).toEqual([1, 2]);
      expect(await values()).toEqual([1, 2]);
    });

    it('gives each of many requests at once its own answer, at any alignment and batch size', async () => {
      const answers = await Promise.all(
        Array.from({ length: 64 }, async (_, index) => {
          const rows = 1 + (index % 4);
          const values = Float32Array.from({ length: rows * 4 }, (_, place) => index * 100 + place);
          const { outputs } = await client.infer({
            model: 'add',
            id: `r${'x'.repeat(index % 7)}`,
            inputs: ['A', 'B'].map(name => ({
              name,
              datatype: 'FP32',
              shape: [rows, 4],
              data: new Uint8Array(values.buffer),
            })),
          });
          const sum = outputs.get('SUM');
          return { values, shape: sum?.shape, sum: toFloat32Array(sum?.data ?? new Uint8Array()) };
        }),
      );
      for (const { values, shape, sum } of answers) {
        expect(shape).toEqual([values.length / 4, 4]);
        expect([...sum]).toEqual([...values].map(value => 2 * value));
      }
    });

    it('takes requests of megabytes', async () => {
      const rows = 32;
      const data = new Uint8Array(rows * 3 * 96 * 96);
      for (let row = 0; row < rows; row++) data.fill(row, row * 27_648, (row + 1) * 27_648);
      const inputs = [{ name: 'INPUT__0', datatype: 'UINT8' as const, shape: [rows, 3, 96, 96], data }];
      const { outputs } = await client.infer({ model: 'pixels', inputs });
      const means = toFloat32Array(outputs.get('OUTPUT__0')?.data ?? new Uint8Array());
      expect([...means]).toEqual(Array.from({ length: rows * 3 }, (_, index) => Math.floor(index / 3)));
    });

    it('refuses an index of a named repository', async () => {
      const request = create(RepositoryIndexRequestSchema, { repositoryName: 'zzz' });
      const method = grpcMethod(GRPCInferenceService.method.repositoryIndex);
      await expect(unaryCall(raw, method, request, { deadlineMs: 20_000 })).rejects.toMatchObject({
        code: 'UNIMPLEMENTED',
        message: "'repository_name' specification is not supported",
      });
    });

    it('sees no call whose signal has fired', async () => {
      const inputs = [{ name: 'INPUT0', datatype: 'FP32' as const, shape: [1, 4], data: floats(4) }];
      const signal = AbortSignal.abort();
      await expect(client.infer({ model: 'identity', inputs }, { signal })).rejects.toMatchObject({
        code: 'CANCELLED',
        model: 'identity',
      });
    });

    /** Without `runtime`, which says how NVIDIA's server loads the backend. */
    async function configOf(model: string): Promise<unknown> {
      const config = await client.modelConfig(model);
      return toJson(ModelConfigSchema, { ...config, runtime: '' });
    }
  });
}
