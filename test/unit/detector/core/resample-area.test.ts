import { expect, test } from 'vitest';
import { createIntegralImage, createSharedTable, mostReaders } from '../../../../detector/core/integral-image.ts';
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
    const { memory } = createIntegralImage(noiseImage(20, 20));
    const sums = new Int32Array(memory.buffer, 0, 3 * 21 * 21);
    for (const [i, sum] of sums.entries()) sums[i] = sum + offset;
    const target = new Float32Array(3 * 16);
    resampleArea({ ...integral, memory }, region, wholeSquare(4), target, 0);
    expect(target).toEqual(expected);
  }
});

test('a picture wider and higher than what is made at once is made in blocks', () => {
  const [width, height] = [2500, 700];
  const image = paintImage(2 * width, 2 * height, (x, y) => [x % 256, y % 256, (x + y) % 256]);
  const target = new Float32Array(3 * width * height);
  const region = { left: 0, top: 0, width: 2 * width, height: 2 * height };
  resampleArea(createIntegralImage(image), region, { width, height, top: 0, rows: height }, target, 0);
  const wrong: string[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const [red, green] = [target[at], target[width * height + at]];
      if (red !== ((2 * x) % 256) + 0.5 || green !== ((2 * y) % 256) + 0.5) wrong.push(`${x}, ${y}: ${red} ${green}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('an area too large for floats has the mean that doubles give', () => {
  const image = paintImage(400, 300, (x, y) => [255, x === 0 && y === 0 ? 254 : 255, (x * y) % 256]);
  const target = new Float32Array(3);
  resampleArea(createIntegralImage(image), { left: 0, top: 0, width: 400, height: 300 }, wholeSquare(1), target, 0);
  let sum = 0;
  for (let y = 0; y < 300; y++) for (let x = 0; x < 400; x++) sum += (x * y) % 256;
  expect([...target]).toEqual([255, 255 - 1 / 120_000, sum / 120_000].map(Math.fround));
});

test('threads that read one table get in nobody’s way, as many as have room', () => {
  const image = noiseImage(60, 40);
  const table = createIntegralImage(image, createSharedTable({ width: 64, height: 64 }));
  const region = { left: 5, top: 3, width: 50, height: 31 };
  const [alone, shared] = [new Float32Array(3 * 24 * 24), new Float32Array(3 * 24 * 24)];
  resampleArea(createIntegralImage(image), region, wholeSquare(24), alone, 0);
  for (let reader = 0; reader < mostReaders; reader++) {
    resampleArea(table, region, wholeSquare(24), shared.fill(0), 0, reader);
    expect(shared).toEqual(alone);
  }
  expect(() => resampleArea(table, region, wholeSquare(24), shared, 0, mostReaders)).toThrow(
    'reader: expected less than',
  );
});

test('an image that its memory is too small for gets memory of its own', () => {
  const memory = createSharedTable({ width: 8, height: 8 });
  expect(createIntegralImage(noiseImage(8, 8), memory).memory).toBe(memory);
  expect(createIntegralImage(noiseImage(300, 200), memory).memory).not.toBe(memory);
});
