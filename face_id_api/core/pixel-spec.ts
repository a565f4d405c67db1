/** How a caller turns pixels 0..255 into the FP32 values of a form B model: (pixel − mean) / divisor. */
export type PixelSpec = { readonly mean: number; readonly divisor: number };

/** The models that do not normalise in their graph. FaceNet as facenet-pytorch 2.5.3 feeds it (`fixed_image_standardization`). */
const pixelSpecs: Readonly<Record<string, PixelSpec>> = { facenet: { mean: 127.5, divisor: 128 } };

/** The spec of a model by name; null where none is known. */
export function pixelSpecOf(model: string): PixelSpec | null {
  return Object.hasOwn(pixelSpecs, model) ? (pixelSpecs[model] ?? null) : null;
}

/** Pixels as normalised FP32 values, same order. */
export function normalisePixels(pixels: Uint8Array, { mean, divisor }: PixelSpec): Float32Array<ArrayBuffer> {
  const normalised = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) normalised[i] = (pixels[i]! - mean) / divisor;
  return normalised;
}
