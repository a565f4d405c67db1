import { kernelsOnImage, overhang } from './pixel-kernels/kernels-on-image.ts';
import type { Region } from './resample-area.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * For each output pixel: the first input pixel, and the weights of it and those after it (they add up to 1). In flat arrays with
 * `most` places a pixel, because they are read for each of millions of pixels.
 */
type Taps = {
  readonly first: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Float32Array;
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
  const across = tapsOf(region.width, width);
  const down = tapsOf(region.height, height);
  const rowLength = 3 * region.width;
  const bytes = 4 * (rowLength + 3 * width) + tapBytes(across) + tapBytes(down) + 5 * overhang;
  const { run, memory, image: pixels, free } = kernelsOnImage(image, bytes);
  const row = free;
  const planes = aligned(row + 4 * rowLength + overhang);
  const acrossAt = placeTaps(across, memory, aligned(planes + 12 * width));
  const downAt = placeTaps(down, memory, acrossAt.end);
  const stride = 3 * image.width;
  const narrowed = new Float32Array(memory, planes, 3 * width);
  for (let y = 0; y < height; y++) {
    // In height first: of a whole photo, resized in width first, all the rows would have to be kept.
    const from = pixels + (region.top + down.first[y]!) * stride + 3 * region.left;
    run.mean_of_rows(from, stride, downAt.weights + 4 * y * down.most, down.counts[y]!, rowLength, row);
    run.narrow_row(row, acrossAt.first, acrossAt.counts, acrossAt.weights, across.most, width, planes);
    const to = layout.offset + y * layout.rowLength;
    for (let c = 0; c < 3; c++) {
      target.set(narrowed.subarray(c * width, (c + 1) * width), to + c * layout.planeLength);
    }
  }
}

function tapBytes({ first, weights }: Taps): number {
  return 4 * (2 * first.length + weights.length);
}

/** Copies the taps into the kernels' memory, from the byte `at` on. */
function placeTaps({ first, counts, weights }: Taps, memory: ArrayBuffer, at: number) {
  const countsAt = at + first.byteLength;
  const weightsAt = countsAt + counts.byteLength;
  new Int32Array(memory, at).set(first);
  new Int32Array(memory, countsAt).set(counts);
  new Float32Array(memory, weightsAt).set(weights);
  return { first: at, counts: countsAt, weights: weightsAt, end: weightsAt + weights.byteLength };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function tapsOf(inputLength: number, outputLength: number): Taps {
  const scale = inputLength / outputLength;
  const support = Math.max(1, scale);
  const most = Math.ceil(2 * support) + 1;
  const first = new Int32Array(outputLength);
  const counts = new Int32Array(outputLength);
  const weights = new Float32Array(outputLength * most);
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
