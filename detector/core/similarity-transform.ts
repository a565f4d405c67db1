import type { Landmarks, Point } from '../../triton/core/crop-spec.ts';

/** Rotation, uniform scale and shift: (x, y) → (a·x − b·y + shiftX, b·x + a·y + shiftY). Never a reflection. */
export type Similarity = {
  readonly a: number;
  readonly b: number;
  readonly shiftX: number;
  readonly shiftY: number;
};

/**
 * The similarity that carries `from` to `to` with the least squared error: S. Umeyama, "Least-squares estimation of
 * transformation parameters between two point patterns", 1991. In the plane and without reflections its singular value
 * decomposition has this closed form. Null when all points of `from` coincide to within a hundred-thousandth of a pixel, or when
 * no rotation is better than another.
 */
export function fitSimilarity(from: Landmarks, to: Landmarks): Similarity | null {
  const fromMean = mean(from);
  const toMean = mean(to);
  let variance = 0;
  let dot = 0;
  let cross = 0;
  for (let i = 0; i < from.length; i++) {
    const fromX = from[i]![0] - fromMean[0];
    const fromY = from[i]![1] - fromMean[1];
    const toX = to[i]![0] - toMean[0];
    const toY = to[i]![1] - toMean[1];
    variance += fromX * fromX + fromY * fromY;
    dot += fromX * toX + fromY * toY;
    cross += fromX * toY - fromY * toX;
  }
  // Below this the differences are rounding errors of the mean. Written so that NaN and infinity are refused as well.
  if (!(variance > 1e-9 && variance < Number.POSITIVE_INFINITY)) return null;
  const a = dot / variance;
  const b = cross / variance;
  if (a === 0 && b === 0) return null;
  return {
    a,
    b,
    shiftX: toMean[0] - (a * fromMean[0] - b * fromMean[1]),
    shiftY: toMean[1] - (b * fromMean[0] + a * fromMean[1]),
  };
}

export function applySimilarity({ a, b, shiftX, shiftY }: Similarity, [x, y]: Point): Point {
  return [a * x - b * y + shiftX, b * x + a * y + shiftY];
}

export function invertSimilarity({ a, b, shiftX, shiftY }: Similarity): Similarity {
  const norm = a * a + b * b;
  return {
    a: a / norm,
    b: -b / norm,
    shiftX: -(a * shiftX + b * shiftY) / norm,
    shiftY: (b * shiftX - a * shiftY) / norm,
  };
}

/** How much longer distances become. */
export function similarityScale({ a, b }: Similarity): number {
  return Math.hypot(a, b);
}

function mean(points: Landmarks): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point[0];
    y += point[1];
  }
  return [x / points.length, y / points.length];
}
