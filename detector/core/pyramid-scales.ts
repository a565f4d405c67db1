/** Side of the square that P-Net looks at; no face smaller than this can be found at scale 1. */
export const cellSize = 12;

/** Pixels from one of P-Net's cells to the next. */
export const cellStride = 2;

/** MTCNN's pyramid step: each level holds half the pixels of the one before. */
const factor = 0.709;

/**
 * Scales of MTCNN's image pyramid (Zhang et al., "Joint Face Detection and Alignment using Multitask Cascaded Convolutional
 * Networks", 2016): from the one at which the smallest face fills P-Net's cell, down until the shorter side is under a cell.
 * `minFaceSize` is in the image's own pixels. Empty for an image that is too small.
 */
export function pyramidScales(width: number, height: number, minFaceSize: number): number[] {
  const scales: number[] = [];
  let scale = cellSize / minFaceSize;
  let shorter = Math.min(width, height) * scale;
  while (shorter >= cellSize) {
    scales.push(scale);
    scale *= factor;
    shorter *= factor;
  }
  return scales;
}

/** Size of the image at a scale, as facenet-pytorch rounds it. */
export function scaledSize(width: number, height: number, scale: number): { width: number; height: number } {
  return { width: Math.trunc(width * scale + 1), height: Math.trunc(height * scale + 1) };
}
