import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIntegralImage } from '../../../detector/core/integral-image.ts';
import { type Region, resampleArea } from '../../../detector/core/resample-area.ts';
import type { RgbImage } from '../../../detector/core/rgb-image.ts';
import { noiseImage } from '../../unit/detector/sample-image.ts';

/** Adaptive average pooling as its definition reads, pixel by pixel. */
function naive(image: RgbImage, region: Region, width: number, height: number): number[] {
  const values: number[] = [];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        let count = 0;
        for (let j = Math.floor((y * region.height) / height); j < ((y + 1) * region.height) / height; j++) {
          for (let i = Math.floor((x * region.width) / width); i < ((x + 1) * region.width) / width; i++) {
            sum += image.data[((region.top + j) * image.width + region.left + i) * 3 + c]!;
            count++;
          }
        }
        values.push(Math.fround(sum / count));
      }
    }
  }
  return values;
}

const scene = fc
  .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }), seed: fc.nat() })
  .chain(({ width, height, seed }) =>
    fc.record({ left: fc.nat(width - 1), top: fc.nat(height - 1) }).chain(({ left, top }) =>
      fc.record({
        image: fc.constant(noiseImage(width, height, seed)),
        region: fc.record({
          left: fc.constant(left),
          top: fc.constant(top),
          width: fc.integer({ min: 1, max: width - left }),
          height: fc.integer({ min: 1, max: height - top }),
        }),
      }),
    ),
  );
const side = fc.integer({ min: 1, max: 50 });

test('any region at any size equals adaptive average pooling computed pixel by pixel', () => {
  fc.assert(
    fc.property(scene, side, side, ({ image, region }, width, height) => {
      const target = new Float32Array(3 * width * height);
      resampleArea(createIntegralImage(image), region, { width, height, top: 0, rows: height }, target, 0);
      expect([...target]).toEqual(naive(image, region, width, height));
    }),
  );
});

test('a part of its rows is that part of the whole', () => {
  fc.assert(
    fc.property(scene, side, side, fc.nat(), fc.nat(), ({ image, region }, width, height, a, b) => {
      const top = a % height;
      const rows = 1 + (b % (height - top));
      const integral = createIntegralImage(image);
      const whole = new Float32Array(3 * width * height);
      resampleArea(integral, region, { width, height, top: 0, rows: height }, whole, 0);
      const part = new Float32Array(3 * width * rows);
      resampleArea(integral, region, { width, height, top, rows }, part, 0);
      const expected = [0, 1, 2].flatMap(plane => {
        const from = (plane * height + top) * width;
        return [...whole.subarray(from, from + rows * width)];
      });
      expect([...part]).toEqual(expected);
    }),
  );
});
