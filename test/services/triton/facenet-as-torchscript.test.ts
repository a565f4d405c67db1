import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { normalisePixels } from '../../../face_id_api/core/normalise-pixels.ts';
import { embeddingsReplySchema } from '../../../face_id_api/routes/embeddings.ts';
import { expectedTensors } from '../../../triton/build/networks/inception-resnet-v1-layers.ts';
import { seededWeights } from '../../../triton/build/networks/seeded-weights.ts';
import { readCard } from '../../../triton/card.ts';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import type { NamedTensor, TritonClient } from '../../../triton/client/triton-client.ts';
import { toFloat32Array } from '../../../triton/core/tensor.ts';
import { startProduct } from '../../end_to_end/product.ts';
import { installedEmbedder, samplePhotos, testConfig } from '../../end_to_end/test-models.ts';
import { lcgPixels } from '../../golden/triton/build/networks/lcg-pixels.ts';
import { stored, zipEntries } from '../../unit/triton/build/weights/state-dict.ts';
import { startRealTriton } from './start-real-triton.ts';

const model = 'facenet_seeded';
const seed = 20180402;
const side = 160;
const dimension = 512;
const cropBytes = 3 * side * side;
const root = path.resolve(import.meta.dirname, '../../..');
const [real, torch] = [inject('realTriton'), inject('torch')];
const missing = 'missing' in real ? real.missing : 'missing' in torch ? torch.missing : null;

describe.skipIf(missing !== null)(
  `FaceNet as TorchScript on the real Triton${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    const closers: (() => Promise<unknown>)[] = [];
    let repository: string;
    let embedded: Awaited<ReturnType<typeof startProduct>>;
    let nvidia: Awaited<ReturnType<typeof startProduct>>;
    let onnx: TritonClient;
    let torchScript: TritonClient;

    beforeAll(async () => {
      if ('missing' in real || 'missing' in torch) return;
      repository = await mkdtemp(path.join(tmpdir(), 'triton-torchscript-'));
      closers.push(() => rm(repository, { recursive: true, force: true }));
      const weights = path.join(repository, 'weights.pt');
      await writeFile(weights, stateDict());
      await trace(torch.python, model, ['--weights', weights]);
      await rm(weights);
      await trace(torch.python, 'from_formula', ['--seeded', String(seed)]);
      const triton = await startRealTriton(real.run, repository);
      closers.push(() => triton.close());
      embedded = await start('embedded');
      nvidia = await start(triton.address);
      onnx = clientOf(embedded.tritonAddress!);
      torchScript = clientOf(triton.address);
    });
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    it('is described as trace_model.py says: FP32 in, a batch of 16 at most', async () => {
      const { platform, inputs, outputs } = await torchScript.modelMetadata(model);
      expect(platform).toBe('pytorch_libtorch');
      expect(inputs).toMatchObject([{ name: 'INPUT__0', datatype: 'FP32', shape: [-1, 3, side, side] }]);
      expect(outputs).toMatchObject([{ name: 'OUTPUT__0', datatype: 'FP32', shape: [-1, dimension] }]);
      expect((await torchScript.modelConfig(model)).maxBatchSize).toBe(16);
    });

    it('agrees with the ONNX model of the same weights on the embedded server to 1e-4, in a batch and alone', async () => {
      const { pixel_spec } = await readCard(await installedEmbedder(model));
      const rows = 4;
      const pixels = crops(rows);
      const ours = await embed(onnx, model, rows, { datatype: 'UINT8', data: pixels });
      const data = new Uint8Array(normalisePixels(pixels, pixel_spec!).buffer);
      const theirs = await embed(torchScript, model, rows, { datatype: 'FP32', data });
      expect(largestDifference(theirs, ours)).toBeLessThan(1e-4);
      for (let row = 0; row < rows; row++) {
        const one = data.subarray(row * 4 * cropBytes, (row + 1) * 4 * cropBytes);
        const alone = await embed(torchScript, model, 1, { datatype: 'FP32', data: one });
        const same = ours.subarray(row * dimension, (row + 1) * dimension);
        expect(largestDifference(alone, same)).toBeLessThan(1e-4);
      }
      // Different crops have different embeddings: equal ones above say something.
      expect(largestDifference(ours.subarray(0, dimension), ours.subarray(dimension, 2 * dimension))).toBeGreaterThan(
        1e-2,
      );
    });

    it('has the same weights out of a file as out of the formula', async () => {
      const data = new Uint8Array(new Float32Array(cropBytes).buffer);
      const [ofFile, ofFormula] = await Promise.all(
        [model, 'from_formula'].map(name => embed(torchScript, name, 1, { datatype: 'FP32', data })),
      );
      expect(ofFile).toEqual(ofFormula);
    });

    it('gives the API the same vectors of a photo as the ONNX model, without a word in its configuration', async () => {
      const photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
      const replies = await Promise.all([embedded, nvidia].map(product => product.call('POST', '/embeddings', photo)));
      const [ours, theirs] = replies.map(({ body }) => embeddingsReplySchema.parse(body).faces);
      expect(ours!.length).toBe(3);
      expect(theirs!.length).toBe(3);
      for (const [i, { embedding }] of theirs!.entries()) {
        expect(embedding).toHaveLength(dimension);
        expect(largestDifference(embedding, ours![i]!.embedding)).toBeLessThan(1e-4);
      }
    });

    it('meets the templates that the ONNX model enrolled: both are one model to the gallery', async () => {
      const models = await Promise.all([embedded, nvidia].map(product => product.embedder!.describe({ signal })));
      expect(models[0]!.fingerprint).toBe(models[1]!.fingerprint);
    });

    const { signal } = new AbortController();

    async function trace(python: string, name: string, source: readonly string[]): Promise<void> {
      const script = path.join(root, 'triton/trace_model.py');
      await promisify(execFile)(python, [script, ...source, '--out', path.join(repository, name)]);
    }

    async function start(url: string) {
      // Made-up weights have no calibration, so a threshold stands in the configuration.
      const changes = { models: { embedder: model }, decision: { threshold: 0.9 }, triton: { url } };
      const config = await testConfig(changes);
      const product = await startProduct(config);
      closers.push(async () => {
        await product.close();
        await rm(config.data_dir, { recursive: true });
      });
      return product;
    }

    function clientOf(address: string): TritonClient {
      const client = createTritonClient({ address, deadlineMs: 60_000 });
      closers.push(async () => client.close());
      return client;
    }
  },
);

/** The seeded weights as torch.save writes a state dict. */
function stateDict(): Uint8Array {
  const tensors = [...seededWeights(expectedTensors, seed)].map(([name, { shape, data }]) => ({
    name,
    shape,
    strides: shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)),
    storage: data,
  }));
  return stored(zipEntries(tensors));
}

async function embed(
  client: TritonClient,
  name: string,
  rows: number,
  { datatype, data }: Pick<NamedTensor, 'datatype' | 'data'>,
): Promise<Float32Array> {
  const inputs = [{ name: 'INPUT__0', datatype, shape: [rows, 3, side, side], data }];
  const { outputs } = await client.infer({ model: name, inputs });
  return toFloat32Array(outputs.get('OUTPUT__0')?.data ?? new Uint8Array());
}

/** Noise under slopes of light, another in every row. */
function crops(rows: number): Uint8Array {
  const noise = lcgPixels(1, rows * cropBytes);
  return noise.map((value, i) => {
    const [row, x] = [Math.floor(i / cropBytes), i % side];
    return value * (row % 2 === 0 ? 1 - x / side : x / side) * (1 - row / (2 * rows));
  });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}
