import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../../../triton/client/create-tensor.ts';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import { classificationsOf, float32Values, stringValues, valuesOf } from '../../../triton/client/read-tensor.ts';
import type { InferRequest, NamedTensor, TritonClient } from '../../../triton/client/triton-client.ts';
import { fixtureModels } from './fixture-repository.ts';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';
import { rpcModels } from './rpc-models.ts';

const values: readonly NamedTensor[] = [
  tensor('IN', 'BOOL', [1, 2], [true, false]),
  tensor('IN', 'UINT8', [1, 2], [0, 255]),
  tensor('IN', 'UINT16', [1, 2], [0, 65_535]),
  tensor('IN', 'UINT32', [1, 2], [0, 2 ** 32 - 1]),
  tensor('IN', 'UINT64', [1, 2], [0n, 2n ** 64n - 1n]),
  tensor('IN', 'INT8', [1, 2], [-128, 127]),
  tensor('IN', 'INT16', [1, 2], [-32_768, 32_767]),
  tensor('IN', 'INT32', [1, 2], [-(2 ** 31), 2 ** 31 - 1]),
  tensor('IN', 'INT64', [1, 2], [-(2n ** 63n), 2n ** 63n - 1n]),
  tensor('IN', 'FP16', [1, 2], [0.5, -65_504]),
  tensor('IN', 'FP32', [1, 2], [0.1, -1e30]),
  tensor('IN', 'FP64', [1, 2], [0.1, -1e300]),
  tensor('IN', 'BYTES', [1, 2], ['grüß 😀', '']),
];

const row = tensor('INPUT0', 'FP32', [1, 4], [3, 1, 4, 1]);
const identity: InferRequest = { model: 'identity', inputs: [row] };
const two = (shapeOfA: number[], shapeOfB: number[]): InferRequest => ({
  model: 'two',
  inputs: [zeros('A', shapeOfA), zeros('B', shapeOfB)],
});
const a = zeros('A', [1, 4]);
const b = zeros('B', [1, 2]);

/** Requests at the edge of what their models take. */
const edges: readonly (readonly [string, InferRequest])[] = [
  ['the largest batch', two([4, 4], [4, 1])],
  ['too large a batch', two([5, 4], [5, 1])],
  ['an empty batch', two([0, 4], [0, 1])],
  ['unequal batches', two([1, 4], [2, 1])],
  ['no batch dimension', two([4], [1])],
  ['a dimension too many', two([1, 1, 4], [1, 1])],
  ['another size', two([1, 5], [1, 1])],
  ['a free size of none', two([1, 4], [1, 0])],
  ['the inputs in another order', { model: 'two', inputs: [b, a] }],
  ['an input missing', { model: 'two', inputs: [a] }],
  ['an input twice', { model: 'two', inputs: [a, a] }],
  ['an unknown input', { model: 'two', inputs: [a, zeros('C', [1, 1])] }],
  ['an input too many', { model: 'two', inputs: [a, b, zeros('C', [1, 1])] }],
  ['another datatype', { model: 'two', inputs: [a, tensor('B', 'INT32', [1, 2], [1, 2])] }],
  ['an unknown output', { ...two([1, 4], [1, 1]), outputs: ['SA', 'NOPE'] }],
  ['an output twice', { ...two([1, 4], [1, 1]), outputs: ['SA', 'SA'] }],
  ['a model that does not batch', { model: 'plain', inputs: [zeros('IN', [2, 7])] }],
  ['a batch for one that does not', { model: 'plain', inputs: [zeros('IN', [1, 2, 7])] }],
];

/** The client over any Triton that serves `fixtureModels` and `rpcModels`. */
export function describeClient(name: string, open: OpenTriton): void {
  describe(`the client, over ${name},`, () => {
    let client: TritonClient;
    let unchecked: TritonClient;
    let server: OpenedTriton;

    beforeAll(async () => {
      server = await open({ models: { ...fixtureModels, ...rpcModels } });
      client = createTritonClient({ address: server.address, deadlineMs: 20_000 });
      unchecked = createTritonClient({ address: server.address, deadlineMs: 20_000, checkRequests: false });
    });

    afterAll(async () => {
      await Promise.all([client?.close(), unchecked?.close()]);
      await server?.close();
    });

    it.each(values)('sends $datatype and reads it back', async input => {
      const { datatype } = input;
      const { outputs } = await client.infer({ model: `id_${datatype}`, inputs: [input] });
      expect(outputs.get('OUT')?.shape).toEqual([1, 2]);
      expect(valuesOf(outputs.get('OUT'), datatype)).toEqual(valuesOf(input, datatype));
      if (datatype === 'FP16') expect(float32Values(outputs.get('OUT'))).toEqual(Float32Array.of(0.5, -65_504));
      if (datatype === 'BYTES') expect(stringValues(outputs.get('OUT'))).toEqual(['grüß 😀', '']);
    });

    it.each(edges)('refuses by itself just what the server would: %s', async (_, request) => {
      const outcome = async (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'taken',
          error => error.code,
        );
      expect(await outcome(client.infer(request))).toBe(await outcome(unchecked.infer(request)));
    });

    it('names priority, timeout, sequence and its own parameters as the server knows them', async () => {
      const { outputs } = await client.infer({
        ...identity,
        id: 'r1',
        priority: 1,
        timeoutMicroseconds: 5_000_000,
        sequence: { id: 7, start: true, end: true },
        parameters: { note: 'x', share: 0.5, count: 3, yes: true },
      });
      expect(valuesOf(outputs.get('OUTPUT0'), 'FP32')).toEqual(Float32Array.of(3, 1, 4, 1));
    });

    it('asks for classes', async () => {
      const outputs = [{ name: 'OUTPUT0', classes: 2 }];
      const result = await client.infer({ ...identity, outputs });
      expect(classificationsOf(result.outputs.get('OUTPUT0'))).toEqual([
        { score: 4, index: 2, label: undefined },
        { score: 3, index: 0, label: undefined },
      ]);
    });

    it('has many requests in flight over one stream, errors among them', async () => {
      const stream = unchecked.openStream({ maxInFlight: 8 });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 64 }, async (_, index) => {
          const input = tensor('INPUT0', 'FP32', [1, 4], new Float32Array(4).fill(index));
          const model = index % 9 === 8 ? 'nope' : 'identity';
          const { id, outputs } = await stream.infer({ model, id: `r${index}`, inputs: [input] });
          return [id, valuesOf(outputs.get('OUTPUT0'), 'FP32')[3]];
        }),
      );
      const refused = { code: 'UNKNOWN', message: "Request for unknown model: 'nope' is not found", model: 'nope' };
      expect(outcomes).toMatchObject(
        outcomes.map((_, index) =>
          index % 9 === 8 ? { reason: { ...refused, requestId: `r${index}` } } : { value: [`r${index}`, index] },
        ),
      );
      await stream.close();
    });

    it('reads a stream of one answer to its end', async () => {
      const stream = client.openStream();
      const answers: string[] = [];
      for await (const { outputs } of stream.responses(identity)) {
        answers.push(valuesOf(outputs.get('OUTPUT0'), 'FP32').join());
      }
      expect(answers).toEqual(['3,1,4,1']);
      await stream.close();
    });

    it('counts its requests in the statistics', async () => {
      const count = async (): Promise<bigint | undefined> =>
        (await client.modelStatistics('counted')).find(({ version }) => version === '1')?.inferenceCount;
      const before = await count();
      await client.infer({ model: 'counted', inputs: [zeros('IN', [3, 2])] });
      // A real Triton counts a request after its answer has gone out.
      await expect.poll(count).toBe((before ?? 0n) + 3n);
      expect((await client.modelStatistics()).length).toBeGreaterThan(10);
      await expect(client.modelStatistics('nope')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: "requested model 'nope' is not available",
        model: 'nope',
      });
    });

    it('reads health, the index, and settings', async () => {
      expect(await client.health()).toBe('SERVING');
      expect(await client.repositoryIndex({ ready: true })).toContainEqual({
        name: 'identity',
        version: '1',
        state: 'READY',
        reason: '',
      });
      expect(await client.traceSettings('identity')).toMatchObject({ trace_level: ['OFF'], trace_rate: ['1000'] });
      expect(await client.updateTraceSettings({ trace_rate: '5' }, { model: 'identity' })).toMatchObject({
        trace_rate: ['5'],
      });
      const cleared = await client.updateTraceSettings({ trace_rate: null }, { model: 'identity' });
      expect(cleared).toMatchObject({ trace_rate: ['1000'] });
      expect(await client.updateLogSettings({ log_info: false })).toMatchObject({ log_info: false });
      expect(await client.updateLogSettings({ log_info: true })).toEqual(await client.logSettings());
    });

    it("gives the server's words about shared memory that is not there", async () => {
      const region = { name: 'r', key: '/nobody-made-this-region', byteSize: 16 };
      await expect(client.systemSharedMemory.register(region)).rejects.toMatchObject({
        code: 'INTERNAL',
        message: "Unable to open shared memory region: '/nobody-made-this-region'",
      });
      expect(await client.systemSharedMemory.status()).toEqual([]);
      expect(await client.cudaSharedMemory.status()).toEqual([]);
      await client.systemSharedMemory.unregister();
    });
  });
}

function zeros(name: string, shape: readonly number[]): NamedTensor {
  return tensor(name, 'FP32', shape, new Float32Array(shape.reduce((count, size) => count * size, 1)));
}
