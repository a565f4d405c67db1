import type { Candidates } from './candidates.ts';

/**
 * Greedy non-maximum suppression by intersection over union, areas as plain products (torchvision's `nms`).
 * Returns the indices that stay, best score first; equal scores keep their order. A box goes when its overlap with a better
 * one is greater than `threshold`. NaN scores never stay. The work grows with the square of the boxes that stay apart:
 * `most` bounds it, by looking at no more than that many of the best.
 */
export function suppressByUnion(
  candidates: Candidates,
  threshold: number,
  most: number = candidates.scores.length,
): Uint32Array {
  const best = indicesBy(candidates.scores, (a, b) => candidates.scores[b]! - candidates.scores[a]! || a - b);
  const order = best.subarray(0, most);
  return suppress(candidates, order, 0, (intersection, a, b) => intersection / (a + b - intersection) > threshold);
}

/**
 * Suppression by intersection over the smaller box, sides counted inclusively (+1), as MTCNN's last stage does it: it removes
 * a box that lies inside a better one. Of equal scores the later one wins, as in an ascending sort read from its end.
 */
export function suppressByMinimum(candidates: Candidates, threshold: number): Uint32Array {
  const order = indicesBy(candidates.scores, (a, b) => candidates.scores[b]! - candidates.scores[a]! || b - a);
  return suppress(candidates, order, 1, (intersection, a, b) => intersection / Math.min(a, b) > threshold);
}

function indicesBy(scores: Float32Array, compare: (a: number, b: number) => number): Uint32Array {
  const indices = Uint32Array.from(scores.keys()).filter(i => !Number.isNaN(scores[i]!));
  return indices.sort(compare);
}

function suppress(
  { boxes }: Candidates,
  order: Uint32Array,
  inclusive: 0 | 1,
  overlaps: (intersection: number, areaA: number, areaB: number) => boolean,
): Uint32Array {
  const count = order.length;
  // Gathered in score order, so that the inner loop walks memory forwards.
  const sorted = new Float64Array(count * 5);
  for (let i = 0; i < count; i++) {
    const from = order[i]! * 4;
    for (let side = 0; side < 4; side++) sorted[i * 5 + side] = boxes[from + side]!;
    sorted[i * 5 + 4] =
      (boxes[from + 2]! - boxes[from]! + inclusive) * (boxes[from + 3]! - boxes[from + 1]! + inclusive);
  }
  const gone = new Uint8Array(count);
  const kept: number[] = [];
  for (let i = 0; i < count; i++) {
    if (gone[i]) continue;
    kept.push(order[i]!);
    const x1 = sorted[i * 5]!;
    const y1 = sorted[i * 5 + 1]!;
    const x2 = sorted[i * 5 + 2]!;
    const y2 = sorted[i * 5 + 3]!;
    const area = sorted[i * 5 + 4]!;
    for (let j = i + 1, at = j * 5; j < count; j++, at += 5) {
      if (gone[j]) continue;
      const width = Math.min(x2, sorted[at + 2]!) - Math.max(x1, sorted[at]!) + inclusive;
      if (width <= 0) continue;
      const height = Math.min(y2, sorted[at + 3]!) - Math.max(y1, sorted[at + 1]!) + inclusive;
      if (height <= 0) continue;
      if (overlaps(width * height, area, sorted[at + 4]!)) gone[j] = 1;
    }
  }
  return Uint32Array.from(kept);
}
