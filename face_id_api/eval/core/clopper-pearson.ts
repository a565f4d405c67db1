import jStat from 'jstat';

/** Lower and upper 95 % confidence bounds of a rate, in [0, 1]. */
export type Bounds = readonly [lower: number, upper: number];

/** Share of the error left outside on either side. */
const tail = 0.025;

/**
 * Exact 95 % bounds of a rate of `hits` in `trials` independent trials, from beta quantiles (Clopper and Pearson 1934).
 * Fractions are taken too: bounds of clustered data use effective counts. Without trials nothing is known: [0, 1].
 */
export function clopperPearson(hits: number, trials: number): Bounds {
  if (!(hits >= 0 && hits <= trials)) throw new RangeError(`expected 0 ≤ hits ≤ trials, got ${hits} of ${trials}`);
  const misses = trials - hits;
  const lower = hits === 0 ? 0 : jStat.beta.inv(tail, hits, misses + 1);
  const upper = misses === 0 ? 1 : jStat.beta.inv(1 - tail, hits + 1, misses);
  return [lower, upper];
}
