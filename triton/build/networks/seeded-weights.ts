import type { Weights } from '../weights/weights.ts';
import type { ExpectedTensor } from './inception-resnet-v1-layers.ts';

/** Numerical Recipes' linear congruential generator, modulo 2^32. */
const multiplier = 1664525;
const increment = 1013904223;

/**
 * Weights out of a formula, the same on every machine and in every language: nothing was trained. One generator runs through
 * the tensors in their order; the upper 24 bits of each state are a number u in [-1, 1) that float32 holds exactly. Filters are
 * u · √(6 / inputs of one output) (He et al., 2015, uniform), so that what flows through them keeps its size; batch normalisation's
 * scale and variance are 1 + u / 2, shift, mean and biases u / 4. Each product is made in float64 and rounded to float32.
 */
export function seededWeights(tensors: readonly ExpectedTensor[], seed: number): Weights {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(multiplier, state) + increment) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
  return new Map(
    tensors.map(({ name, shape, role }) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const bound =
        role === 'filters' ? Math.sqrt(6 / (count / shape[0]!)) : role === 'scale' || role === 'variance' ? 0.5 : 0.25;
      const centre = role === 'scale' || role === 'variance' ? 1 : 0;
      return [name, { shape, data: Float32Array.from({ length: count }, () => centre + next() * bound) }];
    }),
  );
}
