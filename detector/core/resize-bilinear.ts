import type { Region } from './resample-area.ts';
import type { RgbImage } from './rgb-image.ts';

/** For each output pixel: the first input pixel, and the weights of it and those after it (they add up to 1). */
type Taps = { readonly first: number; readonly weights: Float64Array };

/** Where the planes of a resized image go: the first pixel's index, a row's length and a plane's, in elements. */
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
  const columns = tapsOf(region.width, width);
  const rows = tapsOf(region.height, height);
  const narrowed = new Float32Array(region.height * width * 3);
  for (let y = 0; y < region.height; y++) {
    const row = ((region.top + y) * image.width + region.left) * 3;
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x]!;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let k = 0, at = row + first * 3; k < weights.length; k++, at += 3) {
        const weight = weights[k]!;
        red += weight * image.data[at]!;
        green += weight * image.data[at + 1]!;
        blue += weight * image.data[at + 2]!;
      }
      const to = (y * width + x) * 3;
      narrowed[to] = red;
      narrowed[to + 1] = green;
      narrowed[to + 2] = blue;
    }
  }
  for (let y = 0; y < height; y++) {
    const { first, weights } = rows[y]!;
    for (let x = 0; x < width; x++) {
      const to = layout.offset + y * layout.rowLength + x;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * narrowed[((first + k) * width + x) * 3 + c]!;
        target[to + c * layout.planeLength] = sum;
      }
    }
  }
}

function tapsOf(inputLength: number, outputLength: number): Taps[] {
  const scale = inputLength / outputLength;
  const support = Math.max(1, scale);
  return Array.from({ length: outputLength }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(inputLength, Math.trunc(centre + support + 0.5));
    const weights = new Float64Array(end - first);
    for (let k = 0; k < weights.length; k++) {
      weights[k] = Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / support);
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map(weight => weight / total) };
  });
}
