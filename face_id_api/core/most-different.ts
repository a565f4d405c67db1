import { meanDirection } from './person-vector.ts';
import { cosine } from './similarity.ts';

/**
 * Places of at most `count` unit vectors that stand for all of them: the one nearest to their mean first, then each time the one that
 * is least like any that was taken (farthest-first traversal, Gonzalez 1985). Ties by place; all of them where that is no more.
 */
export function mostDifferent(vectors: readonly Float32Array[], count: number): number[] {
  const centre = meanDirection(vectors);
  if (centre === null || count < 1) return [];
  if (count >= vectors.length) return vectors.map((_, place) => place);
  const taken: number[] = [];
  /** Of each vector, the cosine to the nearest one that was taken. */
  const nearest = new Float64Array(vectors.length).fill(Number.NEGATIVE_INFINITY);
  let next = placeOfLargest(vectors.map(vector => cosine(vector, 0, centre, 0, centre.length)));
  while (taken.length < count) {
    taken.push(next);
    const last = vectors[next]!;
    for (const [i, vector] of vectors.entries()) {
      nearest[i] = Math.max(nearest[i]!, cosine(vector, 0, last, 0, last.length));
    }
    // Not by the cosine to itself, which rounding and copies make one of several.
    nearest[next] = Number.POSITIVE_INFINITY;
    next = placeOfLargest(nearest.map(score => -score));
  }
  return taken;
}

function placeOfLargest(values: readonly number[] | Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
