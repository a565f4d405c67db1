import { expect, test } from 'vitest';
import { createIntegralImage } from '../../../../detector/core/integral-image.ts';
import { resampleArea, wholeSquare } from '../../../../detector/core/resample-area.ts';
import { noiseImage, paintImage } from '../sample-image.ts';

test('halving an even image gives the means of 2 × 2 blocks, one plane a channel, from the offset on', () => {
  const image = paintImage(4, 2, (x, y) => [x + 10 * y, 100, x]);
  const target = new Float32Array(1 + 6).fill(-1);
  resampleArea(
    createIntegralImage(image),
    { left: 0, top: 0, width: 4, height: 2 },
    { width: 2, height: 1, top: 0, rows: 1 },
    target,
    1,
  );
  expect([...target]).toEqual([-1, 5.5, 7.5, 100, 100, 0.5, 2.5]);
});

test('a ratio that is not whole takes windows that overlap, as adaptive average pooling does', () => {
  // torch.nn.functional.interpolate(torch.tensor([[[0., 1., 2., 3., 4.]]]), size=3, mode="area") is [0.5, 2, 3.5].
  const image = paintImage(5, 1, x => [x, x, x]);
  const target = new Float32Array(9);
  resampleArea(
    createIntegralImage(image),
    { left: 0, top: 0, width: 5, height: 1 },
    { width: 3, height: 1, top: 0, rows: 1 },
    target,
    0,
  );
  expect([...target.subarray(0, 3)]).toEqual([0.5, 2, 3.5]);
});

test('enlarging repeats and averages neighbours', () => {
  const image = paintImage(2, 1, x => [x * 10, 0, 0]);
  const target = new Float32Array(9);
  resampleArea(
    createIntegralImage(image),
    { left: 0, top: 0, width: 2, height: 1 },
    { width: 3, height: 1, top: 0, rows: 1 },
    target,
    0,
  );
  expect([...target.subarray(0, 3)]).toEqual([0, 5, 10]);
});

test('sums that have wrapped around at 2³² still give the right mean', () => {
  const integral = createIntegralImage(noiseImage(20, 20));
  const region = { left: 3, top: 2, width: 15, height: 17 };
  const expected = new Float32Array(3 * 16);
  resampleArea(integral, region, wholeSquare(4), expected, 0);
  // As in the last rows of a large photo: every sum is past the largest int32, some again past zero.
  for (const offset of [0x7fff_ff00, 0xffff_ff00]) {
    const wrapped = { ...integral, sums: integral.sums.map(sum => (sum + offset) | 0) };
    const target = new Float32Array(3 * 16);
    resampleArea(wrapped, region, wholeSquare(4), target, 0);
    expect(target).toEqual(expected);
  }
});
