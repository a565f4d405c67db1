import fc from 'fast-check';
import { expect, test } from 'vitest';
import { invertSimilarity, type Similarity } from '../../../detector/core/similarity-transform.ts';
import { warpSimilarity } from '../../../detector/core/warp-similarity.ts';
import { paintImage } from '../../unit/detector/sample-image.ts';

const size = 24;
const plane = size * size;

test('a smooth slope stays the slope under any rotation, scale and shift that keeps to the photo', () => {
  const image = paintImage(400, 400, (x, y) => [Math.trunc(x / 2), Math.trunc(y / 2), 77]);
  const toImage = fc
    .record({
      angle: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
      scale: fc.double({ min: 0.2, max: 6, noNaN: true }),
      x: fc.double({ min: 180, max: 220, noNaN: true }),
      y: fc.double({ min: 180, max: 220, noNaN: true }),
    })
    .map(({ angle, scale, x, y }): Similarity => {
      const a = scale * Math.cos(angle);
      const b = scale * Math.sin(angle);
      const middle = (size - 1) / 2;
      return { a, b, shiftX: x - (a - b) * middle, shiftY: y - (a + b) * middle };
    });
  fc.assert(
    fc.property(toImage, transform => {
      const crop = new Uint8Array(3 * plane);
      warpSimilarity(image, transform, size, crop, 0);
      const { a, b, shiftX, shiftY } = transform;
      for (const [x, y] of [
        [0, 0],
        [size - 1, 0],
        [12, 12],
        [3, 20],
      ] as const) {
        expect(Math.abs(crop[y * size + x]! - (a * x - b * y + shiftX) / 2)).toBeLessThan(1.6);
        expect(Math.abs(crop[plane + y * size + x]! - (b * x + a * y + shiftY) / 2)).toBeLessThan(1.6);
        expect(crop[2 * plane + y * size + x]).toBe(77);
      }
    }),
    { numRuns: 60 },
  );
});

test('any finite transform writes its crop and nothing beside it', () => {
  const image = paintImage(9, 7, () => [255, 255, 255]);
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(number, number, number, number, (a, b, shiftX, shiftY) => {
      const target = new Uint8Array(3 * 16 + 8).fill(7);
      warpSimilarity(image, { a, b, shiftX, shiftY }, 4, target, 4);
      expect([...target.subarray(0, 4), ...target.subarray(-4)]).toEqual(Array(8).fill(7));
    }),
    { numRuns: 40 },
  );
});

test('a transform and its inverse restore a smooth image', () => {
  const image = paintImage(size, size, (x, y) => [5 * x, 5 * y, 3 * (x + y)]);
  const turn: Similarity = { a: Math.cos(0.4), b: Math.sin(0.4), shiftX: 2, shiftY: -1 };
  const once = new Uint8Array(3 * plane);
  warpSimilarity(image, turn, size, once, 0);
  const between = paintImage(
    size,
    size,
    (x, y) => [0, 1, 2].map(c => once[c * plane + y * size + x]!) as [number, number, number],
  );
  const back = new Uint8Array(3 * plane);
  warpSimilarity(between, invertSimilarity(turn), size, back, 0);
  for (let y = 10; y < 14; y++) {
    for (let x = 10; x < 14; x++) expect(Math.abs(back[y * size + x]! - 5 * x)).toBeLessThanOrEqual(2);
  }
});
