import { expect, test } from 'vitest';
import { resizeBilinear } from '../../../../detector/core/resize-bilinear.ts';
import { paintImage } from '../sample-image.ts';

const planes = (size: number) => ({ offset: 0, rowLength: size, planeLength: size * size });

test('the same size is the same image', () => {
  const image = paintImage(3, 3, (x, y) => [10 * x + y, 5, 200 - x]);
  const target = new Float32Array(27);
  resizeBilinear(image, { left: 0, top: 0, width: 3, height: 3 }, 3, 3, target, planes(3));
  expect([...target.subarray(0, 9)]).toEqual([0, 10, 20, 1, 11, 21, 2, 12, 22]);
});

test('doubling a step matches Pillow: 0, 25, 75, 100 of two pixels 0 and 100', () => {
  const image = paintImage(2, 1, x => [100 * x, 0, 0]);
  const target = new Float32Array(3 * 4);
  resizeBilinear(image, { left: 0, top: 0, width: 2, height: 1 }, 4, 1, target, {
    offset: 0,
    rowLength: 4,
    planeLength: 4,
  });
  expect([...target.subarray(0, 4)]).toEqual([0, 25, 75, 100]);
});

test('shrinking a checkerboard gives grey, not a pattern', () => {
  const image = paintImage(64, 64, (x, y) => ((x + y) % 2 ? [255, 255, 255] : [0, 0, 0]));
  const target = new Float32Array(3 * 36);
  resizeBilinear(image, { left: 0, top: 0, width: 64, height: 64 }, 6, 6, target, planes(6));
  for (const value of target) expect(Math.abs(value - 127.5)).toBeLessThan(2);
});

test('only the region is read, and only the layout is written', () => {
  const image = paintImage(10, 10, (x, y) => (x >= 4 && x < 6 && y >= 4 && y < 6 ? [9, 9, 9] : [255, 255, 255]));
  const target = new Float32Array(3 * 16).fill(-1);
  resizeBilinear(image, { left: 4, top: 4, width: 2, height: 2 }, 2, 2, target, {
    offset: 5,
    rowLength: 4,
    planeLength: 16,
  });
  expect([...target.subarray(0, 16)]).toEqual([-1, -1, -1, -1, -1, 9, 9, -1, -1, 9, 9, -1, -1, -1, -1, -1]);
});
