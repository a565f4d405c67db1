/**
 * How a caller turns pixels 0..255 into the FP32 values of a model that does not normalise in its graph: (pixel − mean) / divisor,
 * the same for every channel.
 */
export type PixelSpec = { readonly mean: number; readonly divisor: number };
