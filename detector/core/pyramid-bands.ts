import { cellSize, cellStride, pyramidScales, scaledSize } from './pyramid-scales.ts';

/** A run of rows of one pyramid level: the pixels that P-Net needs for a run of rows of its cells. */
export type PyramidBand = {
  /** Position of the level in the pyramid, the largest first. */
  readonly level: number;
  readonly scale: number;
  /** Size of the whole level in pixels. */
  readonly width: number;
  readonly height: number;
  /** First row of pixels, an even number; the cells' first row is half of it. */
  readonly top: number;
  readonly rows: number;
};

/**
 * Cells of one band, about: its largest tensor then holds 5 MB. Over whole levels they are hundreds of megabytes that leave the
 * processor's cache, and cost half as much again.
 */
const cellsOfBand = 20_000;

/** Fewer rows than this and the pixels that bands share cost more than the cache saves. */
const fewestRows = 8;

/**
 * MTCNN's pyramid cut into bands, level by level from the largest, each from the top. P-Net has no padding and its pooling windows
 * begin at even pixels, so the bands' cells are the level's own, each exactly once.
 */
export function pyramidBands(imageWidth: number, imageHeight: number, minFaceSize: number): PyramidBand[] {
  return pyramidScales(imageWidth, imageHeight, minFaceSize).flatMap((scale, level) => {
    const { width, height } = scaledSize(imageWidth, imageHeight, scale);
    const columns = cellCount(width);
    const cellRows = cellCount(height);
    const count = Math.ceil(cellRows / Math.max(fewestRows, Math.ceil(cellsOfBand / columns)));
    return Array.from({ length: count }, (_, i) => {
      const top = Math.floor((i * cellRows) / count) * cellStride;
      const end = Math.floor(((i + 1) * cellRows) / count);
      // The last one takes what is left: an odd row too, which the pooling's incomplete window sees.
      const rows = i === count - 1 ? height - top : (end - 1) * cellStride + cellSize - top;
      return { level, scale, width, height, top, rows };
    });
  });
}

/** Cells of P-Net along a side: after a 3 × 3 convolution, a pooling that keeps the incomplete window, and two more convolutions. */
function cellCount(side: number): number {
  return Math.ceil((side - 2) / cellStride) - 4;
}
