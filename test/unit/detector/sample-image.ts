import type { RgbImage } from '../../../detector/core/rgb-image.ts';

/** An image whose pixel (x, y) is `paint(x, y)`. */
export function paintImage(
  width: number,
  height: number,
  paint: (x: number, y: number) => readonly [red: number, green: number, blue: number],
): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(paint(x, y), (y * width + x) * 3);
  }
  return { width, height, data };
}

/** Pixels that repeat nowhere near each other: for comparing two ways of reading the same image. */
export function noiseImage(width: number, height: number, seed = 1): RgbImage {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  return paintImage(width, height, () => [next(), next(), next()]);
}
