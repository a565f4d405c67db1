import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applySimilarity,
  fitSimilarity,
  invertSimilarity,
  type Similarity,
  similarityScale,
} from '../../../detector/core/similarity-transform.ts';
import { cropSpecs, type Landmarks, type Point } from '../../../triton/core/crop-spec.ts';

const coordinate = fc.double({ min: -5000, max: 5000, noNaN: true });
const point = fc.tuple(coordinate, coordinate);
const similarity = fc
  .record({
    angle: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
    scale: fc.double({ min: 0.01, max: 100, noNaN: true }),
    shift: point,
  })
  .map(
    ({ angle, scale, shift }): Similarity => ({
      a: scale * Math.cos(angle),
      b: scale * Math.sin(angle),
      shiftX: shift[0],
      shiftY: shift[1],
    }),
  );
const template = cropSpecs.arcface_112.template;

function mapAll(transform: Similarity, [a, b, c, d, e]: Landmarks): Landmarks {
  const map = (p: Point) => applySimilarity(transform, p);
  return [map(a), map(b), map(c), map(d), map(e)];
}

function expectClose(got: Point, expected: Point, tolerance: number): void {
  expect(Math.hypot(got[0] - expected[0], got[1] - expected[1])).toBeLessThanOrEqual(tolerance);
}

test('points onto themselves fit the identity', () => {
  const fitted = fitSimilarity(template, template)!;
  expect(fitted.a).toBeCloseTo(1, 12);
  expect(fitted.b).toBeCloseTo(0, 12);
  expect(fitted.shiftX).toBeCloseTo(0, 9);
  expect(fitted.shiftY).toBeCloseTo(0, 9);
});

test('any rotation, scale and shift is found again', () => {
  fc.assert(
    fc.property(similarity, transform => {
      const fitted = fitSimilarity(template, mapAll(transform, template))!;
      const size = similarityScale(transform);
      expect(Math.abs(similarityScale(fitted) - size)).toBeLessThan(1e-9 * (1 + size) * 100);
      for (const p of template) expectClose(applySimilarity(fitted, p), applySimilarity(transform, p), 1e-6);
    }),
  );
});

test('there and back is where one was', () => {
  fc.assert(
    fc.property(similarity, point, (transform, p) => {
      expectClose(applySimilarity(invertSimilarity(transform), applySimilarity(transform, p)), p, 1e-5);
    }),
  );
});

test('no other similarity near the fitted one has a smaller error', () => {
  const five = fc.tuple(point, point, point, point, point);
  const error = (transform: Similarity, from: Landmarks, to: Landmarks) =>
    from.reduce((sum, p, i) => {
      const [x, y] = applySimilarity(transform, p);
      return sum + (x - to[i]![0]) ** 2 + (y - to[i]![1]) ** 2;
    }, 0);
  fc.assert(
    fc.property(five, five, similarity, (from, to, nudge) => {
      const fitted = fitSimilarity(from, to);
      fc.pre(fitted !== null);
      const least = error(fitted, from, to);
      const near = {
        a: fitted.a + nudge.a * 1e-3,
        b: fitted.b + nudge.b * 1e-3,
        shiftX: fitted.shiftX + nudge.shiftX * 1e-3,
        shiftY: fitted.shiftY + nudge.shiftY * 1e-3,
      };
      expect(least).toBeLessThanOrEqual(error(near, from, to) * (1 + 1e-9) + 1e-6);
    }),
  );
});

test('five times the same point fits nothing', () => {
  fc.assert(
    fc.property(point, p => {
      expect(fitSimilarity([p, p, p, p, p], template)).toBeNull();
    }),
    { examples: [[[0, 0]], [[30, 30]], [[0.1, 0.3]]] },
  );
});
