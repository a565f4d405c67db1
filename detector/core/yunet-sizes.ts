/**
 * The smallest face that is looked for comes out this large. Of 97 faces in large photos that are found at 32, 20 misses 3, 16 and 14 miss 4;
 * their landmarks differ from those at 32 by 4.4, 4.9 and 5.0 % of the box's width, and a photo of 1920 pixels takes 44, 23 and 18 ms.
 */
const smallestFace = 14;

/** A photo is not made smaller than this (its longer side) for speed: landmarks are found more exactly in larger faces. */
const smallestSide = 640;

/** A face of more than some 400 pixels is found less surely, and its box too small; the shorter side of a photo bounds its faces. */
const largestShorterSide = 640;

/** Bounds the memory: some 250 MB while the network runs. */
const mostPixels = 2048 * 2048;

const coarser = 4;

/**
 * The sizes at which YuNet looks at a photo, the finest first: at it the smallest wanted face is 14 pixels large (never enlarged; of a
 * photo of more than 4 megapixels the smallest faces come out smaller and may be missed), then at a quarter of the last one, as long
 * as a face could be larger than the network knows. That costs a fifteenth more at the most.
 */
export function yunetSizes(
  width: number,
  height: number,
  minFaceSize: number,
): { readonly width: number; readonly height: number }[] {
  const wanted = Math.max(smallestFace / minFaceSize, smallestSide / Math.max(width, height));
  let scale = Math.min(1, wanted, Math.sqrt(mostPixels / (width * height)));
  const sizes = [sizeAt(scale)];
  while (Math.min(width, height) * scale > largestShorterSide) {
    scale /= coarser;
    sizes.push(sizeAt(scale));
  }
  return sizes;

  function sizeAt(at: number): { width: number; height: number } {
    return { width: Math.max(1, Math.round(width * at)), height: Math.max(1, Math.round(height * at)) };
  }
}
