import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readPickleWeights } from '../../../../../triton/build/weights/read-pickle-weights.ts';

/** Made by make-state-dict-golden.py. */
const cases = z
  .array(
    z.object({
      name: z.string(),
      file: z.base64(),
      tensors: z.record(z.string(), z.object({ shape: z.array(z.int()), data: z.array(z.number()) })),
    }),
  )
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'state-dict-golden.json'), 'utf8')));

describe('readPickleWeights on files of torch.save', () => {
  it.each(cases)('reads $name: counters, transposed and partial views, scalars, empty tensors', ({ file, tensors }) => {
    const weights = readPickleWeights(Buffer.from(file, 'base64'));
    expect([...weights.keys()]).toEqual(Object.keys(tensors));
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      expect(weights.get(name), name).toEqual({ shape, data: Float32Array.from(data) });
    }
  });
});
