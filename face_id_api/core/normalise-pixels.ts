import type { PixelSpec } from '../../triton/core/pixel-spec.ts';

/** Pixels 0..255 as the FP32 values that a model wants which does not normalise in its graph, in the same order. */
export function normalisePixels(pixels: Uint8Array, { mean, divisor }: PixelSpec): Float32Array<ArrayBuffer> {
  const normalised = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) normalised[i] = (pixels[i]! - mean) / divisor;
  return normalised;
}
