import { cosine, norm } from './similarity.ts';

/** Below four templates nothing says which of them is the odd one. */
const fewestToJudge = 4;
/** Bound of the modified z-score 0.6745 · |x − median| / MAD (Iglewicz and Hoaglin 1993, "How to Detect and Handle Outliers"). */
const zBound = 3.5;
/**
 * Smallest spread that is taken for one, in cosine: a fifth of that of one person's photos in the narrowest model that was measured
 * (dlib_resnet, 0.023; docs/evaluation.md). Without it, copies of one photo would make every other photo an outlier.
 */
const smallestSpread = 0.005;

/**
 * One vector for a person: the normalised mean of the unit vectors of its templates, without outliers. An outlier's cosine to the
 * mean of all lies more than 3.5 modified z-scores below the median of these cosines, so that one wrong photo among several does not
 * pull the person towards somebody else. Null without templates; the first template where the mean has no direction.
 */
export function personVector(vectors: readonly Float32Array[]): Float32Array | null {
  const centre = meanDirection(vectors);
  if (centre === null || vectors.length < fewestToJudge) return centre;
  const scores = vectors.map(vector => cosine(vector, 0, centre, 0, centre.length));
  const middle = median(scores);
  const spread = Math.max(median(scores.map(score => Math.abs(score - middle))), smallestSpread);
  const inliers = vectors.filter((_, i) => (0.6745 * (middle - scores[i]!)) / spread <= zBound);
  return meanDirection(inliers);
}

/** The normalised mean; the first vector where it has no direction, null without vectors. */
export function meanDirection(vectors: readonly Float32Array[]): Float32Array | null {
  const [first] = vectors;
  if (first === undefined) return null;
  const sum = new Float64Array(first.length);
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
  const length = norm(sum);
  // Rounding alone leaves less than this of opposite unit vectors.
  return length < 1e-6 ? first.slice() : Float32Array.from(sum, value => value / length);
}

/** Of an even number, the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
