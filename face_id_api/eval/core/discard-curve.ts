/** One photo of somebody who is enrolled, as a gate at the entrance sees it and as recognition sees it. */
export type JudgedProbe = {
  /** Index of the person; people count from 0. */
  readonly person: number;
  /** Higher is better. */
  readonly quality: number;
  /** Whether the right person is missed. */
  readonly isError: boolean;
};

export type DiscardPoint = {
  /** Share of the probes that were left out, those of the lowest quality. */
  readonly discarded: number;
  /** Share of the others that miss the right person. */
  readonly errorRate: number;
};

/** How much of what a perfect measure would gain a measure gains. */
export type DiscardGain = {
  /** 1: every error goes first. 0: no better than chance. Below 0: it keeps the errors. NaN without an error, or with nothing else. */
  readonly gain: number;
  /** 95 % bounds, people as the sample. NaN with fewer than two people, or where all errors are of one. */
  readonly bounds: readonly [lower: number, upper: number];
};

/** Whoever turns away more than this turns away users, so the gain is measured up to here. */
export const largestDiscard = 0.3;
const steps = 30;

/** An error-versus-discard curve (Grother and Tabassi 2007, "Performance of biometric quality measures"), in steps of 1 %. */
export function discardCurve(probes: readonly JudgedProbe[]): DiscardPoint[] {
  const sorted = sortByQuality(probes);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const discarded = (largestDiscard * step) / steps;
    return { discarded, errorRate: errorRateOfKept(sorted, discarded * probes.length) };
  });
}

/**
 * The area between the curve and the error rate of all probes, as a share of the area that a perfect measure would have, up to
 * `largestDiscard`. Bounds by the jackknife over people (Efron and Tibshirani 1993, An Introduction to the Bootstrap, 11.5).
 */
export function discardGain(probes: readonly JudgedProbe[]): DiscardGain {
  const gain = gainOf(probes);
  const people = [...new Set(probes.map(({ person }) => person))];
  const without = people.map(person => gainOf(probes.filter(probe => probe.person !== person)));
  const mean = without.reduce((sum, one) => sum + one, 0) / people.length;
  const squares = without.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const reach = people.length < 2 ? Number.NaN : 1.96 * Math.sqrt(((people.length - 1) / people.length) * squares);
  return { gain, bounds: [gain - reach, gain + reach] };
}

function gainOf(probes: readonly JudgedProbe[]): number {
  const chance = probes.filter(({ isError }) => isError).length / probes.length;
  const perfect = probes.map(probe => ({ ...probe, quality: probe.isError ? 0 : 1 }));
  return (chance - meanErrorRate(probes)) / (chance - meanErrorRate(perfect));
}

/** Mean height of the curve, by the trapezoidal rule. */
function meanErrorRate(probes: readonly JudgedProbe[]): number {
  const rates = discardCurve(probes).map(({ errorRate }) => errorRate);
  return rates.slice(1).reduce((sum, rate, index) => sum + (rate + rates[index]!) / 2, 0) / steps;
}

type Tie = { readonly count: number; readonly errors: number };

/** Probes of one quality together, the lowest first: which of them goes first is chance. */
function sortByQuality(probes: readonly JudgedProbe[]): Tie[] {
  const ties = new Map<number, { count: number; errors: number }>();
  for (const { quality, isError } of probes.toSorted((a, b) => a.quality - b.quality)) {
    const tie = ties.get(quality) ?? { count: 0, errors: 0 };
    tie.count++;
    if (isError) tie.errors++;
    ties.set(quality, tie);
  }
  return [...ties.values()];
}

/** Of a tie that is discarded in part, the mean over all ways to choose. */
function errorRateOfKept(sorted: readonly Tie[], discard: number): number {
  let [left, kept, errors] = [discard, 0, 0];
  for (const tie of sorted) {
    const share = 1 - Math.min(1, left / tie.count);
    left = Math.max(0, left - tie.count);
    kept += share * tie.count;
    errors += share * tie.errors;
  }
  return kept === 0 ? 0 : errors / kept;
}
