import type { Region } from './resample-area.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * For each output pixel: the first input pixel, and the weights of it and those after it (they add up to 1). In flat arrays with
 * `most` places a pixel, because they are read for each of millions of pixels.
 */
type Taps = {
  readonly first: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Float64Array;
  readonly most: number;
};

/**
 * Where the planes of a resized image go: the index of the red plane's first pixel, a row's length and a plane's, in elements. A
 * negative `planeLength` puts green and blue before red.
 */
export type PlaneLayout = { readonly offset: number; readonly rowLength: number; readonly planeLength: number };

/**
 * Resizes a region to `width` × `height` with a triangle filter that widens when it shrinks, as Pillow's BILINEAR does (pixel
 * centres at half coordinates, weights normalised at the edges). Writes three planes (R, G, B), values 0..255 and not rounded.
 */
export function resizeBilinear(
  image: RgbImage,
  region: Region,
  width: number,
  height: number,
  target: Float32Array,
  layout: PlaneLayout,
): void {
  const narrowed = narrow(image, region, tapsOf(region.width, width), width);
  const { first, counts, weights, most } = tapsOf(region.height, height);
  const rowValues = 3 * width;
  const row = new Float64Array(rowValues);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    for (let k = 0; k < counts[y]!; k++) {
      const weight = weights[y * most + k]!;
      const from = (first[y]! + k) * rowValues;
      for (let i = 0; i < rowValues; i++) row[i] = row[i]! + weight * narrowed[from + i]!;
    }
    let to = layout.offset + y * layout.rowLength;
    for (let i = 0; i < rowValues; i += 3, to++) {
      target[to] = row[i]!;
      target[to + layout.planeLength] = row[i + 1]!;
      target[to + 2 * layout.planeLength] = row[i + 2]!;
    }
  }
}

/** The region resized in width only: rows of interleaved RGB. */
function narrow(image: RgbImage, region: Region, taps: Taps, width: number): Float32Array {
  const { first, counts, weights, most } = taps;
  const { data } = image;
  const narrowed = new Float32Array(3 * width * region.height);
  let to = 0;
  for (let y = 0; y < region.height; y++) {
    const row = ((region.top + y) * image.width + region.left) * 3;
    for (let x = 0; x < width; x++, to += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let at = row + first[x]! * 3;
      for (let k = x * most; k < x * most + counts[x]!; k++, at += 3) {
        const weight = weights[k]!;
        red += weight * data[at]!;
        green += weight * data[at + 1]!;
        blue += weight * data[at + 2]!;
      }
      narrowed[to] = red;
      narrowed[to + 1] = green;
      narrowed[to + 2] = blue;
    }
  }
  return narrowed;
}

function tapsOf(inputLength: number, outputLength: number): Taps {
  const scale = inputLength / outputLength;
  const support = Math.max(1, scale);
  const most = Math.ceil(2 * support) + 1;
  const first = new Int32Array(outputLength);
  const counts = new Int32Array(outputLength);
  const weights = new Float64Array(outputLength * most);
  for (let i = 0; i < outputLength; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(inputLength, Math.trunc(centre + support + 0.5)) - start;
    let total = 0;
    for (let k = 0; k < count; k++) {
      const weight = Math.max(0, 1 - Math.abs(start + k + 0.5 - centre) / support);
      weights[i * most + k] = weight;
      total += weight;
    }
    for (let k = 0; k < count; k++) weights[i * most + k] = weights[i * most + k]! / total;
    first[i] = start;
    counts[i] = count;
  }
  return { first, counts, weights, most };
}
