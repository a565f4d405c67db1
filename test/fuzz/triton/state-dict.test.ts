import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readPickleWeights } from '../../../triton/build/weights/read-pickle-weights.ts';
import { WeightsError } from '../../../triton/build/weights/weights-error.ts';
import { stateDict, stored, zipEntries } from '../../unit/triton/build/weights/state-dict.ts';
import { fuzz, resultOr } from '../fuzz.ts';
import { mutated } from '../mutate.ts';

const tensors = [
  { name: 'conv.weight', shape: [2, 3], strides: [3, 1], storage: Float32Array.from({ length: 6 }, (_, i) => i) },
  { name: 'conv.bias', shape: [2], strides: [2], offset: 1, storage: Float32Array.of(1, 2, 3, 4) },
  { name: 'scalar', shape: [], strides: [], storage: Float32Array.of(7) },
  { name: 'empty', shape: [0, 4], strides: [4, 1], storage: new Float32Array(0) },
];
const few = tensors.slice(1, 2);
const legacy = [stateDict(tensors), stateDict([]), stateDict(few)];
const zipped = [stored(zipEntries(tensors)), stored(zipEntries(few)), zipSync(zipEntries(few))];

test.each([
  ['legacy', legacy],
  ['zip', zipped],
])('a damaged state dict in the %s format is read or refused with a WeightsError', async (_, files) => {
  await fuzz(mutated(files), async file => {
    const isOurs = (error: unknown): error is WeightsError => error instanceof WeightsError;
    const weights = await resultOr(() => readPickleWeights(file), isOurs);
    if (weights instanceof WeightsError) return;
    for (const { shape, data } of weights.values()) expect(data.length).toBe(shape.reduce((n, size) => n * size, 1));
  });
});
