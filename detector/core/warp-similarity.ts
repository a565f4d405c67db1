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
  const step = 1 / perSide;
  const first = (step - 1) / 2;
  const weight = 1 / (perSide * perSide);
  const plane = size * size;
  const sum = new Float64Array(3);
  let to = offset;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      sum.fill(0);
      for (let row = 0; row < perSide; row++) {
        const cropY = y + first + row * step;
        for (let column = 0; column < perSide; column++) {
          const cropX = x + first + column * step;
          addBilinear(image, a * cropX - b * cropY + shiftX, b * cropX + a * cropY + shiftY, sum);
        }
      }
      target[to] = sum[0]! * weight + 0.5;
      target[to + plane] = sum[1]! * weight + 0.5;
      target[to + 2 * plane] = sum[2]! * weight + 0.5;
      to++;
    }
  }
}

function addBilinear({ width, height, data }: RgbImage, x: number, y: number, sum: Float64Array): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const rightShare = x - left;
  const bottomShare = y - top;
  if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height) {
    const at = (top * width + left) * 3;
    const below = at + width * 3;
    const topLeft = (1 - rightShare) * (1 - bottomShare);
    const topRight = rightShare * (1 - bottomShare);
    const bottomLeft = (1 - rightShare) * bottomShare;
    const bottomRight = rightShare * bottomShare;
    for (let c = 0; c < 3; c++) {
      sum[c] =
        sum[c]! +
        topLeft * data[at + c]! +
        topRight * data[at + 3 + c]! +
        bottomLeft * data[below + c]! +
        bottomRight * data[below + 3 + c]!;
    }
    return;
  }
  addPixel(left, top, (1 - rightShare) * (1 - bottomShare));
  addPixel(left + 1, top, rightShare * (1 - bottomShare));
  addPixel(left, top + 1, (1 - rightShare) * bottomShare);
  addPixel(left + 1, top + 1, rightShare * bottomShare);

  function addPixel(column: number, row: number, share: number): void {
    if (!(column >= 0 && row >= 0 && column < width && row < height)) return;
    const at = (row * width + column) * 3;
    for (let c = 0; c < 3; c++) sum[c] = sum[c]! + share * data[at + c]!;
  }
}
