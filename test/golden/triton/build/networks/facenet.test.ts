import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parameterCount } from '../../../../../triton/build/networks/check-inception-resnet-v1.ts';
import { expectedTensors } from '../../../../../triton/build/networks/inception-resnet-v1-layers.ts';
import { seededWeights } from '../../../../../triton/build/networks/seeded-weights.ts';
import { facenet, facenetSeeded } from '../../../../../triton/build/registry/facenet.ts';
import type { Weights } from '../../../../../triton/build/weights/weights.ts';
import { stored, zipEntries } from '../../../../unit/triton/build/weights/state-dict.ts';
import { lcgPixels } from './lcg-pixels.ts';
import { maxDifference, runOnnx } from './run-onnx.ts';

const side = 160;

/** Made by make-facenet-golden.py. */
const golden = z
  .object({
    seed: z.int(),
    parameters: z.int(),
    tensors: z.array(z.tuple([z.string(), z.array(z.int())])),
    weights_sha256: z.string(),
    embeddings: z.array(z.array(z.number()).length(512)).length(2),
  })
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'facenet-golden.json'), 'utf8')));

/** Noise, and noise under a slope of light from black at the left. */
function crops(): Uint8Array {
  const noise = lcgPixels(2, 3 * side * side);
  return Buffer.concat([
    lcgPixels(1, 3 * side * side),
    noise.map((value, i) => Math.floor(value * ((i % side) / (side - 1)))),
  ]);
}

describe('facenet_seeded against facenet-pytorch 2.5.3 on the same weights', () => {
  let weights: Weights;
  let model: Uint8Array;
  beforeAll(() => {
    weights = seededWeights(expectedTensors, golden.seed);
    model = facenetSeeded.build(new Map(), { mirrorCrop: false })[0]!.bytes;
  });

  it('has its tensors, in its order, and its number of parameters', () => {
    expect(expectedTensors.map(({ name, shape }) => [name, shape])).toEqual(golden.tensors);
    expect(parameterCount).toBe(golden.parameters);
  });

  it('has the same weights, to the bit', () => {
    const hash = createHash('sha256');
    for (const { data } of weights.values()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    expect(hash.digest('hex')).toBe(golden.weights_sha256);
  });

  it('embeds two crops as it does, normalised', async () => {
    const input = { name: 'INPUT__0', shape: [2, 3, side, side], data: crops() };
    const output = (await runOnnx(model, input)).get('OUTPUT__0');
    expect(output?.shape).toEqual([2, 512]);
    const difference = maxDifference(output?.data ?? [], golden.embeddings.flat());
    expect(difference).toBeLessThan(1e-4);
    // The two crops' own embeddings lie further apart than that.
    expect(maxDifference(golden.embeddings[0]!, golden.embeddings[1]!)).toBeGreaterThan(1e-2);
  });

  it('is what facenet builds from a file of torch.save with these weights', () => {
    const tensors = [...weights].map(([name, { shape, data }]) => ({
      name,
      shape,
      strides: shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)),
      storage: data,
    }));
    const file = stored(zipEntries(tensors));
    const build = facenet.build(new Map([['20180402-114759-vggface2.pt', file]]), { mirrorCrop: false });
    // The graphs differ in their names alone.
    expect(build[0]?.bytes.length).toBe(model.length - '_seeded'.length);
  });
});
