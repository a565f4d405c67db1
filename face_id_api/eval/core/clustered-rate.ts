import { type Bounds, clopperPearson } from './clopper-pearson.ts';

/** So many of so many. */
export type Tally = { readonly hits: number; readonly trials: number };

/** A share of trials, and how far it can be trusted. */
export type MeasuredRate = Tally & {
  /** In [0, 1]; 0 without trials. */
  readonly rate: number;
  /** 95 %. */
  readonly bounds: Bounds;
};

/** Of trials that have nothing in common: Clopper-Pearson bounds. */
export function independentRate({ hits, trials }: Tally): MeasuredRate {
  return { hits, trials, rate: trials === 0 ? 0 : hits / trials, bounds: clopperPearson(hits, trials) };
}

/**
 * Of trials that come in groups, several photos of one person for instance, where the groups are the sample: the photos of somebody
 * whom a model knows badly fail together.
 *
 * For the rate p and group i with h_i hits in n_i trials, of g groups, Var(p) = g/(g − 1) · Σ_i (h_i − p·n_i)² / (Σ_i n_i)², the
 * linearised variance of a ratio (Cochran 1977, Sampling Techniques, 6.4 and 9A.2). The bounds are Clopper-Pearson's on the effective
 * number of trials p(1 − p) / Var(p), at most all of them (Korn and Graubard 1998). Without a hit, or with nothing else, the variance says
 * nothing: the trials are all there is to count. One group by itself is one trial.
 */
export function clusteredRate(groups: readonly Tally[]): MeasuredRate {
  const filled = groups.filter(({ trials }) => trials > 0);
  const hits = filled.reduce((sum, group) => sum + group.hits, 0);
  const trials = filled.reduce((sum, group) => sum + group.trials, 0);
  if (hits === 0 || hits === trials) return independentRate({ hits, trials });
  const rate = hits / trials;
  const effective = filled.length === 1 ? 1 : Math.min(trials, effectiveTrials(filled, rate, trials));
  return { hits, trials, rate, bounds: clopperPearson(rate * effective, effective) };
}

function effectiveTrials(groups: readonly Tally[], rate: number, trials: number): number {
  const squares = groups.reduce((sum, group) => sum + (group.hits - rate * group.trials) ** 2, 0);
  const variance = ((groups.length / (groups.length - 1)) * squares) / trials ** 2;
  return (rate * (1 - rate)) / variance;
}
