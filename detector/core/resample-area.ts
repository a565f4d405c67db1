import type { IntegralImage } from './integral-image.ts';

/** A part of an image in whole pixels: columns `left … left + width - 1`, rows likewise; inside the image, not empty. */
export type Region = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/** Rows `top … top + rows - 1` of a picture of `width` × `height`. */
export type Rows = { readonly width: number; readonly height: number; readonly top: number; readonly rows: number };

/** The whole of a square picture. */
export function wholeSquare(size: number): Rows {
  return { width: size, height: size, top: 0, rows: size };
}

/**
 * Resizes a region to `width` × `height` by area: output pixel i is the mean of the input pixels floor(i·in/out) up to
 * ceil((i+1)·in/out), in both directions. That is PyTorch's `interpolate(mode='area')` (adaptive average pooling), enlarging
 * included. Writes three planes (R, G, B) of the wanted rows, values 0..255, to `target` from `offset` on.
 */
export function resampleArea(
  image: IntegralImage,
  region: Region,
  { width, height, top: firstRow, rows: rowCount }: Rows,
  target: Float32Array,
  offset: number,
): void {
  const stride = (image.width + 1) * 3;
  const { sums } = image;
  const plane = width * rowCount;
  const starts = new Int32Array(width);
  const ends = new Int32Array(width);
  for (let x = 0; x < width; x++) {
    starts[x] = (region.left + Math.floor((x * region.width) / width)) * 3;
    ends[x] = (region.left + Math.ceil(((x + 1) * region.width) / width)) * 3;
  }
  let to = offset;
  for (let y = firstRow; y < firstRow + rowCount; y++) {
    const startRow = Math.floor((y * region.height) / height);
    const endRow = Math.ceil(((y + 1) * region.height) / height);
    const top = (region.top + startRow) * stride;
    const bottom = (region.top + endRow) * stride;
    const rows = endRow - startRow;
    for (let x = 0; x < width; x++) {
      const start = starts[x]!;
      const end = ends[x]!;
      const count = (rows * (end - start)) / 3;
      const a = top + start;
      const b = top + end;
      const c = bottom + start;
      const d = bottom + end;
      target[to] = ((sums[d]! - sums[b]! - sums[c]! + sums[a]!) >>> 0) / count;
      target[to + plane] = ((sums[d + 1]! - sums[b + 1]! - sums[c + 1]! + sums[a + 1]!) >>> 0) / count;
      target[to + 2 * plane] = ((sums[d + 2]! - sums[b + 2]! - sums[c + 2]! + sums[a + 2]!) >>> 0) / count;
      to++;
    }
  }
}
