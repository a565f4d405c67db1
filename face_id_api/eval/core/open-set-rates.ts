import { leastErrors, lowestThreshold } from '../../core/calibrate.ts';
import { clusteredRate, independentRate, type MeasuredRate } from './clustered-rate.ts';
import { rocCurve } from './roc-curve.ts';

// Terms of ISO/IEC 19795-1: identification in an open set, where whoever is searched for may not be enrolled.

/** A search for somebody who is enrolled. */
export type MatedSearch = {
  /** Index of the person; people count from 0. */
  readonly person: number;
  /**
   * Cosines of the nearest template of this person and of the nearest of anybody else. Null where there is nothing to compare: a failure to
   * acquire the probe, or a person whom nothing was enrolled of.
   */
  readonly scores: { readonly mate: number; readonly other: number } | null;
};

/** A search for somebody who is not: the cosine of the nearest template of all, null for a failure to acquire the probe. */
export type NonMatedSearch = { readonly best: number | null };

export type Searches = { readonly mated: readonly MatedSearch[]; readonly nonMated: readonly NonMatedSearch[] };

export type OpenSetPoint = { readonly threshold: number; readonly fpir: number; readonly fnir: number };

export type FpirThreshold = {
  readonly threshold: number;
  /** Whether the rule of 30 holds: at least 30 of the searches are allowed to err. */
  readonly supported: boolean;
};

/**
 * The lowest threshold at which at most a share `fpir` of the searches for strangers names somebody (score ≥ threshold). Null where that
 * would allow none of them to, or all.
 */
export function thresholdAtFpir(nonMated: readonly NonMatedSearch[], fpir: number): FpirThreshold | null {
  const allowed = Math.floor(nonMated.length * fpir);
  const threshold = allowed < 1 ? null : lowestThreshold(bestScores(nonMated).sort(), allowed);
  return threshold === null ? null : { threshold, supported: allowed >= leastErrors };
}

/** False-positive identification rate: the share of searches for strangers with anybody at or above the threshold. */
export function fpirAt(nonMated: readonly NonMatedSearch[], threshold: number): MeasuredRate {
  const hits = nonMated.filter(({ best }) => best !== null && best >= threshold).length;
  return independentRate({ hits, trials: nonMated.length });
}

/**
 * False-negative identification rate: the share of searches for the enrolled that do not return the right person first and at or above
 * the threshold, failures to acquire among them. Bounds take people as the sample.
 */
export function fnirAt(mated: readonly MatedSearch[], threshold: number): MeasuredRate {
  return byPerson(mated, search => isMissed(search, threshold));
}

/** Whether a search does not return the right person first and at or above the threshold. */
export function isMissed(search: MatedSearch, threshold: number): boolean {
  return !isFirst(search) || search.scores!.mate < threshold;
}

/** The share of searches for the enrolled that return the right person first, whatever the score. */
export function rankOneRate(mated: readonly MatedSearch[]): MeasuredRate {
  return byPerson(mated, isFirst);
}

/** FNIR against FPIR from the strictest threshold to the loosest: one point for each score that a right answer has. */
export function openSetCurve({ mated, nonMated }: Searches): OpenSetPoint[] {
  // Below every threshold: nothing finds these, and nothing is said about these.
  const never = -Infinity;
  const same = Float32Array.from(mated, search => (isFirst(search) ? search.scores!.mate : never));
  const different = Float32Array.from(nonMated, ({ best }) => best ?? never);
  return rocCurve({ same, different })
    .filter(({ threshold }) => Number.isFinite(threshold))
    .map(({ threshold, fmr, fnmr }) => ({ threshold, fpir: fmr, fnir: fnmr }));
}

function bestScores(nonMated: readonly NonMatedSearch[]): Float32Array {
  return Float32Array.from(nonMated.flatMap(({ best }) => (best === null ? [] : [best])));
}

/** Somebody else at the same score leaves it to chance, which does not count. */
function isFirst({ scores }: MatedSearch): boolean {
  return scores !== null && scores.mate > scores.other;
}

function byPerson(mated: readonly MatedSearch[], isHit: (search: MatedSearch) => boolean): MeasuredRate {
  const people = new Map<number, { hits: number; trials: number }>();
  for (const search of mated) {
    const tally = people.get(search.person) ?? { hits: 0, trials: 0 };
    tally.trials++;
    if (isHit(search)) tally.hits++;
    people.set(search.person, tally);
  }
  return clusteredRate([...people.values()]);
}
