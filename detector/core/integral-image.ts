import type { RgbImage } from './rgb-image.ts';

/**
 * Summed-area table (Crow 1984) of an RGB image: `sums[((y * (width + 1)) + x) * 3 + c]` is the sum of channel c over the
 * rows before y and the columns before x. The sums wrap around at 2³² and are right nonetheless: only differences are read,
 * and those of any region under 16 million pixels fit.
 */
export type IntegralImage = {
  readonly width: number;
  readonly height: number;
  readonly sums: Int32Array;
};

/**
 * Sums an image up. `buffer` is used for the sums when it is long enough (the memory is what costs most here); it may then be
 * longer than they are, and must not be written while they are in use.
 */
export function createIntegralImage({ width, height, data }: RgbImage, buffer?: Int32Array): IntegralImage {
  const stride = (width + 1) * 3;
  const length = stride * (height + 1);
  const sums = buffer !== undefined && buffer.length >= length ? buffer : new Int32Array(length);
  sums.fill(0, 0, stride);
  let from = 0;
  for (let y = 0; y < height; y++) {
    sums.fill(0, (y + 1) * stride, (y + 1) * stride + 3);
    let red = 0;
    let green = 0;
    let blue = 0;
    let above = y * stride + 3;
    let to = above + stride;
    for (let x = 0; x < width; x++) {
      red = (red + data[from]!) | 0;
      green = (green + data[from + 1]!) | 0;
      blue = (blue + data[from + 2]!) | 0;
      sums[to] = (sums[above]! + red) | 0;
      sums[to + 1] = (sums[above + 1]! + green) | 0;
      sums[to + 2] = (sums[above + 2]! + blue) | 0;
      from += 3;
      above += 3;
      to += 3;
    }
  }
  return { width, height, sums };
}
