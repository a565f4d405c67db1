import { kernelsOnImage } from './pixel-kernels/kernels-on-image.ts';
import type { RgbImage } from './rgb-image.ts';
import { type Similarity, similarityScale } from './similarity-transform.ts';

/** Past this the footprint of one output pixel is sampled more coarsely than the image: a face over 3,000 pixels wide. */
const mostSamplesPerSide = 32;

/**
 * Cuts a `size` × `size` crop: output pixel (x, y) shows the image at `toImage` of it; pixel centres have whole coordinates
 * in both. Bilinear; where the crop is smaller than what it shows, the mean of a grid of bilinear samples over the output
 * pixel's footprint, about one per image pixel, so that nothing aliases. Outside the image is black. Writes three planes
 * (R, G, B) to `target` from `offset` on.
 */
export function warpSimilarity(
  image: RgbImage,
  toImage: Similarity,
  size: number,
  target: Uint8Array,
  offset: number,
): void {
  const { a, b, shiftX, shiftY } = toImage;
  // Just above 1 a single sample is still right; the tolerance keeps an identity with rounding errors an identity.
  const perSide = Math.min(mostSamplesPerSide, Math.max(1, Math.ceil(similarityScale(toImage) - 1e-6)));
  const bytes = 3 * size * size;
  const { run, memory, image: pixels, free } = kernelsOnImage(image, bytes);
  run.warp(pixels, image.width, image.height, a, b, shiftX, shiftY, size, perSide, free);
  target.set(new Uint8Array(memory, free, bytes), offset);
}
