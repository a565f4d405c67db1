import { cellSize, cellStride } from './pyramid-scales.ts';
import type { Region } from './resample-area.ts';

/**
 * The box arithmetic between MTCNN's stages, in float32 and with the offsets of facenet-pytorch 2.5.3, so that results agree
 * with it to the last cell. Regressions are [dx1, dy1, dx2, dy2] as fractions of a box's width and height.
 */

/** What P-Net proposes at one scale. */
export type Proposals = {
  readonly boxes: Float32Array<ArrayBuffer>;
  readonly scores: Float32Array<ArrayBuffer>;
  readonly regressions: Float32Array<ArrayBuffer>;
};

/**
 * Boxes of the cells whose probability is at least `threshold`. `map` is P-Net's output [5, height, width]: the difference of
 * the two logits, then four regressions, over cells from row `firstRow` of the level on. Cells come row by row.
 */
export function proposeBoxes(
  map: Float32Array,
  width: number,
  height: number,
  scale: number,
  threshold: number,
  firstRow = 0,
): Proposals {
  const plane = width * height;
  // The exact test is on the probability; this one spares the exponential in the many cells far below.
  const clearlyBelow = Math.log(threshold / (1 - threshold)) - 1e-3;
  const float32Threshold = Math.fround(threshold);
  const float32Scale = Math.fround(scale);
  const cells: number[] = [];
  const probabilities: number[] = [];
  for (let cell = 0; cell < plane; cell++) {
    if (map[cell]! < clearlyBelow) continue;
    const probability = toProbability(map[cell]!);
    if (!(probability >= float32Threshold)) continue;
    cells.push(cell);
    probabilities.push(probability);
  }
  const boxes = new Float32Array(cells.length * 4);
  const regressions = new Float32Array(cells.length * 4);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    const x = (cell % width) * cellStride;
    const y = (firstRow + Math.trunc(cell / width)) * cellStride;
    boxes[i * 4] = Math.floor(Math.fround((x + 1) / float32Scale));
    boxes[i * 4 + 1] = Math.floor(Math.fround((y + 1) / float32Scale));
    boxes[i * 4 + 2] = Math.floor(Math.fround((x + cellSize) / float32Scale));
    boxes[i * 4 + 3] = Math.floor(Math.fround((y + cellSize) / float32Scale));
    for (let side = 0; side < 4; side++) regressions[i * 4 + side] = map[plane * (side + 1) + cell]!;
  }
  return { boxes, scores: Float32Array.from(probabilities), regressions };
}

/** Softmax of two logits from their difference, in float32: ties at 1 decide the order of suppression. */
export function toProbability(logitDifference: number): number {
  return Math.fround(1 / (1 + Math.exp(-logitDifference)));
}

/** Moves each box's sides by its regression, in place. `inclusive` is 1 in the later stages, which count both edge pixels. */
export function regressBoxes(boxes: Float32Array, regressions: Float32Array, inclusive: 0 | 1): void {
  for (let at = 0; at < boxes.length; at += 4) {
    const width = Math.fround(boxes[at + 2]! - boxes[at]! + inclusive);
    const height = Math.fround(boxes[at + 3]! - boxes[at + 1]! + inclusive);
    boxes[at] = boxes[at]! + Math.fround(regressions[at]! * width);
    boxes[at + 1] = boxes[at + 1]! + Math.fround(regressions[at + 1]! * height);
    boxes[at + 2] = boxes[at + 2]! + Math.fround(regressions[at + 2]! * width);
    boxes[at + 3] = boxes[at + 3]! + Math.fround(regressions[at + 3]! * height);
  }
}

/** Makes each box the square with the same centre and its longer side, in place. */
export function squareBoxes(boxes: Float32Array): void {
  for (let at = 0; at < boxes.length; at += 4) {
    const width = Math.fround(boxes[at + 2]! - boxes[at]!);
    const height = Math.fround(boxes[at + 3]! - boxes[at + 1]!);
    const side = Math.max(width, height);
    boxes[at] = Math.fround(boxes[at]! + width * 0.5) - side * 0.5;
    boxes[at + 1] = Math.fround(boxes[at + 1]! + height * 0.5) - side * 0.5;
    boxes[at + 2] = boxes[at]! + side;
    boxes[at + 3] = boxes[at + 1]! + side;
  }
}

/**
 * The pixels of box `index` that lie in the image: coordinates cut to whole numbers, counted from 1 and inclusive. Null when
 * nothing is left. Outside pixels are not padded in: the part inside is stretched, as facenet-pytorch does.
 */
export function clippedRegion(boxes: Float32Array, index: number, width: number, height: number): Region | null {
  const left = Math.max(1, Math.trunc(boxes[index * 4]!)) - 1;
  const top = Math.max(1, Math.trunc(boxes[index * 4 + 1]!)) - 1;
  const right = Math.min(width, Math.trunc(boxes[index * 4 + 2]!));
  const bottom = Math.min(height, Math.trunc(boxes[index * 4 + 3]!));
  // Written so that NaN, which a broken network may answer with, is refused as well.
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : null;
}
