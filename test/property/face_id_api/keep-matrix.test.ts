import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepMatrix } from '../../../face_id_api/core/vector-kernels/keep-matrix.ts';
import { seeded } from '../../seeded.ts';

const size = fc.integer({ min: 1, max: 70 });

/** Values that float32 holds. */
function floats(count: number, random: () => number): Float64Array {
  return Float64Array.from({ length: count }, () => Math.fround(random() - 0.5));
}

function product(size: number, element: (row: number, k: number) => number, vector: Float32Array): number[] {
  return Array.from({ length: size }, (_, row) => vector.reduce((sum, value, k) => sum + element(row, k) * value, 0));
}

function expectNear(got: Float32Array, expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  // The rounding of sums below 20 to float32.
  for (const [i, value] of expected.entries()) expect(Math.abs(got[i]! - value)).toBeLessThan(2e-6);
}

describe('a kept matrix', () => {
  it('is multiplied as its definition says, also after others have come', () => {
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 8 }), fc.nat(), (sizes, given) => {
        const random = seeded(given);
        const all = sizes.map(n => {
          const rows = floats(n * n, random);
          return { n, rows, matrix: keepMatrix(rows, n) };
        });
        for (const { n, rows, matrix } of all) {
          const vector = Float32Array.from(floats(n, random));
          expectNear(
            matrix.times(vector),
            product(n, (row, k) => rows[row * n + k]!, vector),
          );
          expectNear(
            matrix.transposedTimes(vector),
            product(n, (row, k) => rows[k * n + row]!, vector),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes nothing of another size', () => {
    expect(() => keepMatrix(new Float64Array(8), 3)).toThrow('rows: expected 3 × 3 values, got 8');
    const matrix = keepMatrix(new Float64Array(9), 3);
    expect(() => matrix.times(new Float32Array(4))).toThrow('vector: expected 3 values, got 4');
    expect(() => matrix.transposedTimes(new Float32Array(2))).toThrow('vector: expected 3 values, got 2');
  });
});
