/** Two classes of cosine scores, each in any order. */
export type ScoreSets = { readonly same: Float32Array; readonly different: Float32Array };

/**
 * Fewer errors than this do not support a rate: the rule of 30 (Doddington and others 2000; ISO/IEC 19795-1), by which 30
 * independent errors put the true rate within ±30 % of the observed one with 90 % confidence.
 */
export const leastErrors = 30;

/**
 * The lowest threshold at which at most a share `fmr` of the different-person scores reaches it (score ≥ threshold matches).
 * Null where that would allow fewer than 30 false matches. `sorted`: the scores in rising order.
 */
export function thresholdAtFmr(sorted: Float32Array, fmr: number): number | null {
  const allowed = Math.floor(sorted.length * fmr);
  return allowed < leastErrors ? null : lowestThreshold(sorted, allowed);
}

/** The lowest threshold that at most `allowed` of the scores reach; null where that is all of them. `sorted`: in rising order. */
export function lowestThreshold(sorted: Float32Array, allowed: number): number | null {
  const firstRefused = sorted[sorted.length - allowed - 1];
  if (firstRefused === undefined) return null;
  // Just above the highest score that must not match, so that ties fall on the safe side.
  return firstRefused + Math.max(Math.abs(firstRefused) * 2 ** -23, 1e-7);
}

export type BestThreshold = {
  /** Half way between the lowest score that it accepts and the next; beyond the outermost score where it accepts all or none. */
  readonly threshold: number;
  /** Share of right answers at it on the same scores, in [0, 1]. */
  readonly accuracy: number;
};

/** The threshold with most right answers on equally weighted scores; of several the highest. Without scores: 0, accuracy NaN. */
export function bestThreshold({ same, different }: ScoreSets): BestThreshold {
  const labelled = [
    ...Array.from(same, score => ({ score, isSame: true })),
    ...Array.from(different, score => ({ score, isSame: false })),
  ];
  labelled.sort((a, b) => b.score - a.score);
  const highest = labelled[0]?.score ?? 0;
  let right = different.length;
  let best = { right, threshold: highest + 1 };
  for (const [index, { score, isSame }] of labelled.entries()) {
    right += isSame ? 1 : -1;
    const next = labelled[index + 1]?.score ?? score - 2;
    if (next !== score && right > best.right) best = { right, threshold: (score + next) / 2 };
  }
  return { threshold: best.threshold, accuracy: best.right / labelled.length };
}

/** P(same | score) = 1 / (1 + exp(−(slope · score + intercept))). */
export type LogisticCurve = { readonly slope: number; readonly intercept: number };

/**
 * Platt scaling: logistic regression of "same person" on the score by Newton's method, both classes with equal total weight, so
 * the probability holds at equal priors. Targets are smoothed as in Platt (1999), which keeps separable data finite.
 */
export function fitLogisticCurve({ same, different }: ScoreSets): LogisticCurve {
  const bins = [...bin(same, (same.length + 1) / (same.length + 2)), ...bin(different, 1 / (different.length + 2))];
  let slope = 1;
  let intercept = 0;
  for (let round = 0; round < 100; round++) {
    let [gradientSlope, gradientIntercept, hessianSlope, hessianBoth, hessianIntercept] = [0, 0, 1e-9, 0, 1e-9];
    for (const { score, weight, target } of bins) {
      const probability = 1 / (1 + Math.exp(-(slope * score + intercept)));
      const curvature = weight * probability * (1 - probability);
      gradientSlope += weight * (probability - target) * score;
      gradientIntercept += weight * (probability - target);
      hessianSlope += curvature * score * score;
      hessianBoth += curvature * score;
      hessianIntercept += curvature;
    }
    const determinant = hessianSlope * hessianIntercept - hessianBoth * hessianBoth;
    const stepSlope = (hessianIntercept * gradientSlope - hessianBoth * gradientIntercept) / determinant;
    const stepIntercept = (hessianSlope * gradientIntercept - hessianBoth * gradientSlope) / determinant;
    // A full Newton step overshoots where the curve is flat; this cap keeps the iteration on its convex path.
    const damping = Math.min(1, 10 / Math.hypot(stepSlope, stepIntercept));
    slope -= damping * stepSlope;
    intercept -= damping * stepIntercept;
    if (Math.hypot(stepSlope, stepIntercept) < 1e-8) break;
  }
  return { slope, intercept };
}

type Bin = { score: number; weight: number; target: number };

/** Scores of one class in 4,000 bins over [−1, 1], with total weight 1/2. */
function bin(scores: Float32Array, target: number): Bin[] {
  const count = new Float64Array(4000);
  for (const score of scores) {
    const index = Math.min(count.length - 1, Math.max(0, Math.floor(((score + 1) / 2) * count.length)));
    count[index]! += 1;
  }
  return Array.from(count, (weight, index) => ({
    score: ((index + 0.5) / count.length) * 2 - 1,
    weight: weight / (2 * scores.length),
    target,
  })).filter(({ weight }) => weight > 0);
}
