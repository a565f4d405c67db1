import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildOnet } from '../../../../../triton/build/networks/onet.ts';
import { buildPnet } from '../../../../../triton/build/networks/pnet.ts';
import { buildRnet } from '../../../../../triton/build/networks/rnet.ts';
import { readPickleWeights } from '../../../../../triton/build/weights/read-pickle-weights.ts';
import { lcgPixels } from './lcg-pixels.ts';
import { maxDifference, runOnnx } from './run-onnx.ts';

const mirror = path.resolve(import.meta.dirname, '../../../../../../shared/models/facenet-pytorch');
const builders = { pnet: buildPnet, rnet: buildRnet, onet: buildOnet };

/** Made by make-mtcnn-golden.py. */
const cases = z
  .array(
    z.object({
      network: z.enum(['pnet', 'rnet', 'onet']),
      shape: z.array(z.int()),
      seed: z.int(),
      output_shape: z.array(z.int()),
      output: z.array(z.number()),
      probability: z.array(z.number()),
    }),
  )
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'mtcnn-golden.json'), 'utf8')));

const build = (network: keyof typeof builders): Uint8Array =>
  builders[network](readPickleWeights(readFileSync(path.join(mirror, `${network}.pt`))));

describe.skipIf(!existsSync(mirror))(
  'MTCNN against facenet-pytorch 2.5.3 (needs its weights in ../shared/models)',
  () => {
    it.each(cases)('$network answers pixels $shape as facenet-pytorch does', async testCase => {
      const { network, shape, seed } = testCase;
      const data = Float32Array.from(
        lcgPixels(
          seed,
          shape.reduce((product, size) => product * size, 1),
        ),
      );
      const output = (await runOnnx(build(network), { name: 'input', shape, data })).get('output');
      expect(output?.shape).toEqual(testCase.output_shape);
      expect(maxDifference(output?.data ?? [], testCase.output)).toBeLessThan(1e-4);

      const perImage = (output?.data.length ?? 0) / shape[0]!;
      const logits = Array.from(output?.data ?? []).filter(
        (_, i) => i % perImage < testCase.probability.length / shape[0]!,
      );
      const probabilities = logits.map(logit => 1 / (1 + Math.exp(-logit)));
      expect(maxDifference(probabilities, testCase.probability)).toBeLessThan(1e-5);
    });

    it('are built into the same bytes each time', () => {
      expect(Buffer.compare(build('rnet'), build('rnet'))).toBe(0);
    });
  },
);
