import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KnownModel } from '../../../../../triton/build/registry/known-model.ts';
import { mobilefaceV2, mobilefaceV3 } from '../../../../../triton/build/registry/mobileface.ts';
import { mobilefacenet } from '../../../../../triton/build/registry/mobilefacenet.ts';
import { lcgPixels } from './lcg-pixels.ts';
import { maxDifference, runOnnx } from './run-onnx.ts';

const mirror = path.resolve(import.meta.dirname, '../../../../../../shared/models');
const side = 112;
const cropBytes = 3 * side * side;

type Original = {
  readonly model: KnownModel;
  readonly folder: string;
  readonly input: string;
  readonly output: string;
  readonly dim: number;
  /** What the published file wants of a pixel of this channel. */
  readonly prepare: (value: number, channel: number) => number;
};

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];
const originals: readonly Original[] = [
  {
    model: mobilefacenet,
    folder: 'mobilefacenet-foamliu',
    input: 'input0',
    output: 'output0',
    dim: 128,
    prepare: (value, channel) => (value / 255 - mean[channel]!) / deviation[channel]!,
  },
  ...[mobilefaceV2, mobilefaceV3].map(model => ({
    model,
    folder: 'mobileface-becauseofai',
    input: 'data',
    output: 'embedding',
    dim: 256,
    prepare: (value: number) => value,
  })),
];

/** Five crops that differ: noise of five seeds, each smoothed a little more, so that embeddings lie apart. */
const crops = Array.from({ length: 5 }, (_, i) => smoothed(lcgPixels(i + 1, cropBytes), 4 * i + 1));

function smoothed(pixels: Uint8Array, width: number): Uint8Array {
  return pixels.map((_, i) => {
    const window = pixels.subarray(Math.max(0, i - width), i + 1);
    return window.reduce((sum, value) => sum + value, 0) / window.length;
  });
}

/** Every row of every plane reversed. */
function mirrored(crop: Uint8Array): Uint8Array {
  return crop.map((_, i) => crop[i - (i % side) + side - 1 - (i % side)]!);
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map(value => value / norm);
}

describe.skipIf(!existsSync(mirror)).each(originals)(
  '$model.name against the published file (needs it in ../shared/models)',
  ({ model, folder, input, output, dim, prepare }) => {
    const { name: file = '' } = model.weights[0] ?? {};
    const read = (): Uint8Array => readFileSync(path.join(mirror, folder, file));
    const built = (mirrorCrop: boolean): Uint8Array => model.build(new Map([[file, read()]]), { mirrorCrop })[0]!.bytes;

    /** The published file, asked as it is published: one image at a time. */
    async function askOriginal(crop: Uint8Array): Promise<Float32Array> {
      const data = Float32Array.from(crop, (value, i) => prepare(value, Math.floor(i / (side * side))));
      const answer = (await runOnnx(read(), { name: input, shape: [1, 3, side, side], data })).get(output);
      return answer?.data ?? new Float32Array();
    }

    async function askBuilt(batch: readonly Uint8Array[], mirrorCrop: boolean): Promise<Float32Array> {
      const shape = [batch.length, 3, side, side];
      const outputs = await runOnnx(built(mirrorCrop), { name: 'INPUT__0', shape, data: Buffer.concat(batch) });
      expect(outputs.get('OUTPUT__0')?.shape).toEqual([batch.length, dim]);
      return outputs.get('OUTPUT__0')?.data ?? new Float32Array();
    }

    it.each([1, 2, 5])('a batch of %i gives the embedding of each image alone, normalised', async count => {
      const batch = crops.slice(0, count);
      const got = await askBuilt(batch, false);
      for (const [i, crop] of batch.entries()) {
        const expected = unit(await askOriginal(crop));
        expect(maxDifference(got.subarray(i * dim, (i + 1) * dim), expected)).toBeLessThan(1e-5);
      }
      // Rows that answer each other's images would be noticed.
      if (count > 1) expect(maxDifference(got.subarray(0, dim), got.subarray(dim, 2 * dim))).toBeGreaterThan(1e-3);
    });

    if (model.canMirrorCrop) {
      it('with mirror_crop it is the normalised sum of the image and its mirror image', async () => {
        const got = await askBuilt(crops, true);
        for (const [i, crop] of crops.entries()) {
          const [plain, other] = [await askOriginal(crop), await askOriginal(mirrored(crop))];
          const expected = unit(plain.map((value, k) => value + other[k]!));
          expect(maxDifference(got.subarray(i * dim, (i + 1) * dim), expected)).toBeLessThan(1e-5);
          expect(maxDifference(unit(plain), expected)).toBeGreaterThan(1e-3);
        }
      });
    }

    it('is built into the same bytes each time, and holds every weight of the file', () => {
      const bytes = built(model.canMirrorCrop);
      expect(Buffer.compare(bytes, built(model.canMirrorCrop))).toBe(0);
      expect(bytes.length).toBeGreaterThan(read().length);
    });
  },
);
