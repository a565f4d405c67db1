import { expect, test } from 'vitest';
import { pyramidScales, scaledSize } from '../../../../detector/core/pyramid-scales.ts';

test('the first scale brings the smallest face to a cell, each next one is 0.709 of it', () => {
  const scales = pyramidScales(1920, 1280, 40);
  expect(scales[0]).toBeCloseTo(0.3);
  expect(scales[1]! / scales[0]!).toBeCloseTo(0.709);
  expect(Math.min(1920, 1280) * scales.at(-1)!).toBeGreaterThanOrEqual(12);
  expect(Math.min(1920, 1280) * scales.at(-1)! * 0.709).toBeLessThan(12);
});

test('an image shorter than the smallest face has no scale', () => {
  expect(pyramidScales(39, 1000, 40)).toEqual([]);
  expect(pyramidScales(40, 40, 40)).toEqual([0.3]);
});

test('sizes are cut, not rounded, after one is added', () => {
  expect(scaledSize(100, 50, 0.3)).toEqual({ width: 31, height: 16 });
});
