import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cosine, distanceOfCosine, norm } from '../../../face_id_api/core/similarity.ts';

const component = fc.double({ min: -1, max: 1, noNaN: true });
const unitVector = fc
  .array(component, { minLength: 16, maxLength: 16 })
  .map(values => Float32Array.from(values))
  .filter(vector => norm(vector) > 1e-3)
  .map(vector => vector.map(value => value / norm(vector)));

test('the distance by the cosine is the distance of the vectors', () => {
  fc.assert(
    fc.property(unitVector, unitVector, (a, b) => {
      const direct = norm(a.map((value, i) => value - b[i]!));
      // Near 0 the square root makes a rounding of 1e-7 one of 5e-4.
      expect(Math.abs(distanceOfCosine(cosine(a, 0, b, 0, a.length)) - direct)).toBeLessThan(1e-3);
    }),
  );
});

test('it is 0 for the same, √2 for perpendicular and 2 for opposite vectors', () => {
  expect([1, 0, -1].map(distanceOfCosine)).toEqual([0, Math.SQRT2, 2]);
});
