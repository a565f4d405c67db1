import { kernelsOnBytes, overhang } from './pixel-kernels/kernels-on-image.ts';
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

/** Rows that are summed up in the kernels' memory before they move to the table: they stay in the processor's cache. */
const rowsAtOnce = 16;

/**
 * Sums an image up. `buffer` is used for the sums when it is long enough (the memory is what costs most here); it may then be
 * longer than they are, and must not be written while they are in use.
 */
export function createIntegralImage({ width, height, data }: RgbImage, buffer?: Int32Array): IntegralImage {
  const stride = (width + 1) * 3;
  const length = stride * (height + 1);
  const sums = buffer !== undefined && buffer.length >= length ? buffer : new Int32Array(length);
  sums.fill(0, 0, stride);
  const { run, memory } = kernelsOnBytes(3 * width * rowsAtOnce + overhang + 4 * stride * (rowsAtOnce + 1) + overhang);
  const sumsAt = Math.ceil((3 * width * rowsAtOnce + overhang) / 16) * 16;
  const bytes = new Uint8Array(memory);
  const strip = new Int32Array(memory, sumsAt, stride * (rowsAtOnce + 1));
  strip.fill(0, 0, stride);
  for (let y = 0; y < height; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - y);
    bytes.set(data.subarray(3 * width * y, 3 * width * (y + rows)));
    run.sum_rows(0, width, rows, sumsAt);
    sums.set(strip.subarray(stride, stride * (rows + 1)), stride * (y + 1));
    strip.copyWithin(0, stride * rows, stride * (rows + 1));
  }
  return { width, height, sums };
}
