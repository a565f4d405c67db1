import type { IdentityId } from './identity-id.ts';

/** An enrolled identity and its score against one probe: the cosine of the nearest of its templates. */
export type Candidate = { readonly id: IdentityId; readonly score: number };

/** P(same person | score) = 1 / (1 + exp(−(slope · score + intercept))), fitted on measured pairs at equal priors. */
export type ProbabilityCurve = { readonly slope: number; readonly intercept: number };

export type DecisionRule = {
  /** Cosine from which on it is the same person; a score equal to it matches. */
  readonly threshold: number;
  /** Null where nothing was measured for this embedder and detector: confidences are null then. */
  readonly curve: ProbabilityCurve | null;
};

export type Verdict = {
  /** `ambiguous` is part of the interface and comes with a later rule. */
  readonly decision: 'match' | 'unknown';
  /** Null unless `decision` is `match`. */
  readonly id: IdentityId | null;
  /** Cosine of the nearest identity, also below the threshold; null in an empty gallery. */
  readonly score: number | null;
  readonly confidence: number | null;
};

/** Says who a probe is. Nothing returns the nearest person just because someone has to be nearest. */
export function decide(nearest: Candidate | undefined, rule: DecisionRule): Verdict {
  if (nearest === undefined) return { decision: 'unknown', id: null, score: null, confidence: null };
  const { score } = nearest;
  const confidence = confidenceOf(score, rule.curve);
  if (score >= rule.threshold) return { decision: 'match', id: nearest.id, score, confidence };
  return { decision: 'unknown', id: null, score, confidence };
}

/** The calibrated probability that a score belongs to the same person, in [0, 1]; null without a curve. */
export function confidenceOf(score: number, curve: ProbabilityCurve | null): number | null {
  return curve === null ? null : 1 / (1 + Math.exp(-(curve.slope * score + curve.intercept)));
}
