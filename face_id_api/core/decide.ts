import type { IdentityId } from './identity-id.ts';

/** An enrolled identity and its score against one probe: the cosine of the nearest of its templates. */
export type Candidate = {
  readonly id: IdentityId;
  readonly score: number;
  /** Cosine of the nearest of the faces that somebody said are not this identity; absent where there are none. */
  readonly rejection?: number;
};

/** P(same person | score) = 1 / (1 + exp(−(slope · score + intercept))), fitted on measured pairs at equal priors. */
export type ProbabilityCurve = { readonly slope: number; readonly intercept: number };

export type DecisionRule = {
  /** Cosine from which on it is the same person; a score equal to it matches. */
  readonly threshold: number;
  /** False-match rate of one comparison at the threshold, or a bound that it does not exceed; null where nothing was measured. */
  readonly fmr: number | null;
  /** Cosine that the nearest identity has to be nearer than the next one, or it may be either of them; 0: none. */
  readonly margin: number;
  /** Null where nothing was measured for this embedder and detector: confidences are null then. */
  readonly curve: ProbabilityCurve | null;
};

export type Verdict = {
  readonly decision: 'match' | 'unknown' | 'ambiguous';
  /** Null unless `decision` is `match`. */
  readonly id: IdentityId | null;
  /** Cosine of the nearest identity, also below the threshold; null in an empty gallery. */
  readonly score: number | null;
  readonly confidence: number | null;
};

/**
 * Says who a probe is, by its candidates, best first: the nearest where it reaches the threshold and no other identity is within the
 * margin. Nothing returns the nearest person just because someone has to be nearest. Candidates behind the second change nothing.
 */
export function decide([nearest, next]: readonly Candidate[], rule: DecisionRule): Verdict {
  if (nearest === undefined) return { decision: 'unknown', id: null, score: null, confidence: null };
  const { score } = nearest;
  const confidence = confidenceOf(score, rule.curve);
  if (score < rule.threshold) return { decision: 'unknown', id: null, score, confidence };
  if (next !== undefined && score - next.score < rule.margin) {
    return { decision: 'ambiguous', id: null, score, confidence };
  }
  return { decision: 'match', id: nearest.id, score, confidence };
}

/** The calibrated probability that a score belongs to the same person, in [0, 1]; null without a curve. */
export function confidenceOf(score: number, curve: ProbabilityCurve | null): number | null {
  return curve === null ? null : 1 / (1 + Math.exp(-(curve.slope * score + curve.intercept)));
}

/**
 * The margin within which the odds of two candidates are less than 3 to 1, so that the nearest of the two would be the wrong one
 * more often than in one case of four: ln 3 / slope, since the curve's log-odds are linear in the score. 0 without a curve.
 */
export function marginOf(curve: ProbabilityCurve | null): number {
  return curve === null || curve.slope <= 0 ? 0 : Math.log(3) / curve.slope;
}

/**
 * The share of strangers that are expected to be taken for somebody who is enrolled (FPIR): 1 − (1 − FMR)^N for N comparisons
 * (ISO/IEC 19795-1). An approximation, as if the comparisons were independent: the templates of one person are not, nor are people
 * who look alike. Null without a rate.
 */
export function expectedFpir(fmr: number | null, comparisons: number): number | null {
  if (fmr === null) return null;
  // The powers of numbers next to 1 would lose all digits of a small rate.
  return comparisons === 0 ? 0 : -Math.expm1(comparisons * Math.log1p(-fmr));
}
