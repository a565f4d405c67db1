import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haarMatrix } from '../../../face_id_api/core/haar-matrix.ts';
import { cosine } from '../../../face_id_api/core/similarity.ts';
import { createTurnedBasis } from '../../../face_id_api/core/vector-basis.ts';
import { turnedBy } from '../../../face_id_api/encryption/gallery-rotations.ts';
import { seeded } from '../../seeded.ts';

const dimension = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(128, 129));
const seed = fc.nat();

function unit(size: number, random: () => number): Float32Array {
  const values = Array.from({ length: size }, () => random() - 0.5);
  const length = Math.hypot(...values);
  return Float32Array.from(values, value => value / length);
}

describe('a random orthogonal matrix', () => {
  it('is one, of any size', () => {
    fc.assert(
      fc.property(dimension, seed, (size, given) => {
        const q = haarMatrix(size, seeded(given));
        let worst = 0;
        for (let i = 0; i < size; i++) {
          for (let j = 0; j <= i; j++) {
            let product = 0;
            for (let k = 0; k < size; k++) product += q[i * size + k]! * q[j * size + k]!;
            worst = Math.max(worst, Math.abs(product - (i === j ? 1 : 0)));
          }
        }
        expect(worst).toBeLessThan(1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps every cosine to 1e-6, and gives every vector back', () => {
    fc.assert(
      fc.property(dimension, seed, (size, given) => {
        const random = seeded(given);
        const basis = createTurnedBasis(size, () => haarMatrix(size, random));
        const [a, b] = [unit(size, random), unit(size, random)];
        const [turnedA, turnedB] = [basis.into(a), basis.into(b)];
        expect(Math.abs(cosine(turnedA, 0, turnedB, 0, size) - cosine(a, 0, b, 0, size))).toBeLessThan(1e-6);
        for (const [i, value] of basis.outOf(turnedA).entries()) expect(Math.abs(value - a[i]!)).toBeLessThan(1e-6);
      }),
      { numRuns: 100 },
    );
  });

  it('is even over all directions: the mean of many is zero, and each element has the variance of one in so many', () => {
    const [size, count] = [6, 4000];
    const random = seeded(1);
    const sums = new Float64Array(size * size);
    const squares = new Float64Array(size * size);
    for (let n = 0; n < count; n++) {
      for (const [i, value] of haarMatrix(size, random).entries()) {
        sums[i]! += value;
        squares[i]! += value * value;
      }
    }
    // Five deviations of the mean of `count` values of variance 1 / size, and of their squares.
    for (const sum of sums) expect(Math.abs(sum / count)).toBeLessThan(5 / Math.sqrt(size * count));
    for (const square of squares)
      expect(Math.abs(square / count - 1 / size)).toBeLessThan((5 * 0.22) / Math.sqrt(count));
  });

  it('comes from its seed alone', () => {
    const vector = unit(64, seeded(3));
    const turned = (byte: number) => [...turnedBy(new Uint8Array(32).fill(byte), 64).into(vector)];
    expect(turned(1)).toEqual(turned(1));
    expect(turned(1)).not.toEqual(turned(2));
  });
});
