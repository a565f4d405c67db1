import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { feedBuffers, type InferJobInput, type InferJobOutput } from '../../../../triton/onnx-pool/infer-job.ts';
import type { OnnxPool } from '../../../../triton/onnx-pool/job.ts';
import type { LoadInput, LoadOutput } from '../../../../triton/onnx-pool/load-job.ts';
import { createOnnxPool } from '../../../../triton/onnx-pool/onnx-pool.ts';
import { fixtureModels, writeRepository } from '../../../contract/triton/fixture-repository.ts';
import { ElementType, onnxModel } from '../../../contract/triton/onnx-model.ts';

const job = (name: string): URL => new URL(`../../../../triton/onnx-pool/${name}.ts`, import.meta.url);

const castTypes = {
  BOOL: ElementType.BOOL,
  FP16: ElementType.FLOAT16,
  INT64: ElementType.INT64,
  FP64: ElementType.DOUBLE,
};

/** FP32 in, the same values in another type out. */
const castModels = Object.fromEntries(
  Object.entries(castTypes).map(([name, to]) => [
    name,
    {
      config: '',
      versions: {
        1: onnxModel(
          [{ name: 'IN', type: ElementType.FLOAT, dims: ['n'] }],
          [{ name: 'OUT', type: to, dims: ['n'] }],
          [{ op: 'Cast', inputs: ['IN'], outputs: ['OUT'], int: { to } }],
        ),
      },
    },
  ]),
);

describe('ONNX sessions in the pool', () => {
  let repository: Awaited<ReturnType<typeof writeRepository>>;
  let pool: OnnxPool;
  const modelPath = (model: string): string => path.join(repository.directory, model, '1/model.onnx');

  beforeAll(async () => {
    repository = await writeRepository({ ...fixtureModels, ...castModels });
    pool = createOnnxPool({ threads: 1, maxQueued: 8 });
  });

  afterAll(async () => {
    await pool.close();
    await repository.remove();
  });

  const infer = (model: string, feeds: InferJobInput['feeds'], outputs: string[]): Promise<InferJobOutput> =>
    pool.run<InferJobInput, InferJobOutput>(
      job('infer-job'),
      { modelPath: modelPath(model), feeds, outputs },
      { transfer: feedBuffers(feeds) },
    );

  it("says what a graph takes and gives, by the protocol's datatypes", async () => {
    const graph = await pool.run<LoadInput, LoadOutput>(job('load-job'), { modelPath: modelPath('pixels') });
    expect(graph).toEqual({
      inputs: [{ name: 'INPUT__0', datatype: 'UINT8', onnxType: 'uint8', dims: [-1, 3, 96, 96] }],
      outputs: [{ name: 'OUTPUT__0', datatype: 'FP32', onnxType: 'float32', dims: [-1, 3] }],
    });
  });

  it('rejects a file that is no model, and one that is not there', async () => {
    const load = (file: string): Promise<unknown> =>
      pool.run<LoadInput, LoadOutput>(job('load-job'), { modelPath: file });
    await expect(load('/nowhere/model.onnx')).rejects.toThrow(/nowhere/);
    await expect(load(import.meta.filename)).rejects.toThrow(/failed/);
  });

  it('runs on the start of a longer buffer, and hands the buffer back', async () => {
    const buffer = new ArrayBuffer(1024);
    new Float32Array(buffer).set([1, 2, 3, 4, 5, 6, 7, 8]);
    const feeds = [
      { name: 'INPUT0', datatype: 'FP32' as const, dims: [2, 4], parts: [{ buffer, byteOffset: 0, byteLength: 32 }] },
    ];
    const { tensors, buffers } = await infer('identity', feeds, ['OUTPUT0']);
    expect(tensors).toMatchObject([{ name: 'OUTPUT0', datatype: 'FP32', dims: [2, 4] }]);
    expect(tensors[0]?.data.byteLength).toBe(32);
    expect([...new Float32Array(tensors[0]?.data.slice().buffer ?? new ArrayBuffer())]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(buffers.map(({ byteLength }) => byteLength)).toEqual([1024]);
  });

  it('puts a tensor together from parts at any place, and hands each buffer back once', async () => {
    const bytes = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
    const [one, two] = [new ArrayBuffer(64), new ArrayBuffer(16)];
    new Uint8Array(one).set(bytes(1, 2, 3, 4), 3);
    new Uint8Array(two).set(bytes(5, 6, 7, 8));
    new Uint8Array(one).set(bytes(9, 10, 11, 12), 40);
    const parts = [
      { buffer: one, byteOffset: 3, byteLength: 16 },
      { buffer: two, byteOffset: 0, byteLength: 16 },
      { buffer: one, byteOffset: 40, byteLength: 16 },
    ];
    const feeds = [{ name: 'INPUT0', datatype: 'FP32' as const, dims: [3, 4], parts }];
    const { tensors, buffers } = await infer('identity', feeds, ['OUTPUT0']);
    expect([...new Float32Array(tensors[0]?.data.slice().buffer ?? new ArrayBuffer())]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    expect(buffers.map(({ byteLength }) => byteLength)).toEqual([64, 16]);
  });

  it.each([
    ['BOOL', [1, 0, 1]],
    ['FP16', [0x3c, 0x00, 0xc0]],
    ['INT64', [1, 0, -2]],
    ['FP64', [1, 0, -2]],
  ] as const)('gives %s outputs as bytes of that type', async (datatype, expected) => {
    const buffer = Float32Array.of(1, 0, -2).buffer;
    const { tensors } = await infer(
      datatype,
      [{ name: 'IN', datatype: 'FP32', dims: [3], parts: [{ buffer, byteOffset: 0, byteLength: 12 }] }],
      ['OUT'],
    );
    const bytes = tensors[0]?.data.slice().buffer ?? new ArrayBuffer();
    const values = {
      BOOL: () => [...new Uint8Array(bytes)],
      // The high byte of each half: sign, exponent.
      FP16: () => [...new Uint8Array(bytes)].filter((_, index) => index % 2 === 1),
      INT64: () => [...new BigInt64Array(bytes)].map(Number),
      FP64: () => [...new Float64Array(bytes)],
    }[datatype]();
    expect(tensors[0]?.datatype).toBe(datatype);
    expect(values).toEqual([...expected]);
  });

  it('loads a model again after it was released', async () => {
    await pool.runEverywhere<LoadInput>(job('release-job'), { modelPath: modelPath('identity') });
    await pool.runEverywhere<LoadInput>(job('release-job'), { modelPath: modelPath('identity') });
    const buffer = Float32Array.of(1, 2, 3, 4).buffer;
    const feeds = [
      { name: 'INPUT0', datatype: 'FP32' as const, dims: [1, 4], parts: [{ buffer, byteOffset: 0, byteLength: 16 }] },
    ];
    expect((await infer('identity', feeds, ['OUTPUT0'])).tensors).toHaveLength(1);
  });

  it('keeps the sessions of one file apart by their ids, loaded before and after it changed', async () => {
    const changing = modelPath('changing');
    await mkdir(path.dirname(changing), { recursive: true });
    const values = async (sessionId: string): Promise<number[]> => {
      const parts = [{ buffer: Float32Array.of(1, -2).buffer, byteOffset: 0, byteLength: 8 }];
      const feeds = [{ name: 'IN', datatype: 'FP32' as const, dims: [2, 1], parts }];
      const input = { modelPath: changing, sessionId, feeds, outputs: ['OUT'] };
      const { tensors } = await pool.run<InferJobInput, InferJobOutput>(job('infer-job'), input);
      return [...new Float32Array(tensors[0]?.data.slice().buffer ?? new ArrayBuffer())];
    };
    await copyFile(modelPath('plain'), changing);
    expect(await values('before')).toEqual([-1, 2]);
    await copyFile(path.join(repository.directory, 'plain/3/model.onnx'), changing);
    expect(await values('after')).toEqual([1, 2]);
    expect(await values('before')).toEqual([-1, 2]);
    await pool.runEverywhere<LoadInput>(job('release-job'), { modelPath: changing, sessionId: 'before' });
    expect(await values('after')).toEqual([1, 2]);
  });

  it.each(['by itself', 'with process.exit', 'on SIGTERM'])('lets a process end cleanly once closed: %s', async how => {
    const script = path.join(import.meta.dirname, 'run-and-close.ts');
    const child = spawn(process.execPath, [script, modelPath('pixels'), how], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', chunk => {
      stderr += chunk;
    });
    if (how === 'on SIGTERM') child.stdout.once('data', () => child.kill('SIGTERM'));
    const [exitCode, signal] = await once(child, 'exit');
    expect({ exitCode, signal, stderr }).toEqual({ exitCode: 0, signal: null, stderr: '' });
  });
});
