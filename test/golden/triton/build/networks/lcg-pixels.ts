/** Pixels 0..255 of a linear congruential generator (Numerical Recipes' constants); make-mtcnn-golden.py has the same. */
export function lcgPixels(seed: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return pixels;
}
