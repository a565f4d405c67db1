import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personVector } from '../../../face_id_api/core/person-vector.ts';
import { cosine } from '../../../face_id_api/core/similarity.ts';

const dimension = 6;
const unit = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: dimension, maxLength: dimension })
  .filter(values => Math.hypot(...values) > 0.1)
  .map(values => Float32Array.from(values, value => value / Math.hypot(...values)));

function score(a: Float32Array | null, b: Float32Array): number {
  return a === null ? Number.NaN : cosine(a, 0, b, 0, dimension);
}

describe('the person vector', () => {
  it('is none without templates, and a template where there is one', () => {
    expect(personVector([])).toBeNull();
    fc.assert(
      fc.property(unit, only => {
        expect(score(personVector([only]), only)).toBeCloseTo(1, 5);
      }),
    );
  });

  it('is a unit vector, whatever the templates and their order', () => {
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 12 }), templates => {
        const person = personVector(templates)!;
        expect(Math.hypot(...person)).toBeCloseTo(1, 5);
      }),
    );
  });

  it('is the normalised mean where nobody stands out', () => {
    fc.assert(
      fc.property(fc.array(unit, { minLength: 2, maxLength: 3 }), templates => {
        const sum = Array.from({ length: dimension }, (_, i) => templates.reduce((total, one) => total + one[i]!, 0));
        fc.pre(Math.hypot(...sum) > 0.1);
        const mean = Float32Array.from(sum, value => value / Math.hypot(...sum));
        expect(score(personVector(templates), mean)).toBeCloseTo(1, 5);
      }),
    );
  });

  it('is not moved by a stranger among several photos that are alike', () => {
    fc.assert(
      fc.property(unit, unit, fc.integer({ min: 4, max: 9 }), fc.nat({ max: 8 }), (own, stranger, count, place) => {
        fc.pre(Math.abs(score(own, stranger)) < 0.6);
        const photos = Array.from({ length: count }, (_, n) => {
          const turned = own.map((value, i) => value + (i === n % dimension ? 0.02 : 0));
          const length = Math.hypot(...turned);
          return turned.map(value => value / length);
        });
        const without = personVector(photos)!;
        const withStranger = personVector(photos.toSpliced(place % count, 0, stranger))!;
        expect(score(withStranger, without)).toBeGreaterThan(0.9999);
      }),
    );
  });

  it('takes the first template where the mean has no direction', () => {
    const one = Float32Array.of(1, 0, 0, 0, 0, 0);
    expect(personVector([one, one.map(value => -value)])).toEqual(one);
  });
});
