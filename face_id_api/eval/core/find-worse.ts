import type { MeasuredRate } from './clustered-rate.ts';

/** What a gate looks at. */
export type GateFigures = {
  readonly failureToEnrol: MeasuredRate;
  readonly rankOne: MeasuredRate;
  readonly points: readonly { readonly threshold: number; readonly fpir: MeasuredRate; readonly fnir: MeasuredRate }[];
};

/**
 * What is worse than before by more than its 95 % bounds then, in words; empty where nothing is. Both sides are measured on the same photos at
 * the same thresholds, so that a difference is the code's or the models', and the bounds are the room that is left for it.
 */
export function findWorse(now: GateFigures, before: GateFigures): string[] {
  const errors = [
    { name: 'failure to enrol', now: now.failureToEnrol, before: before.failureToEnrol },
    ...before.points.flatMap(point => {
      const same = now.points.find(({ threshold }) => threshold === point.threshold);
      if (same === undefined) throw new RangeError(`expected a point at ${point.threshold}, got none`);
      const at = `at ${point.threshold.toFixed(4)}`;
      return [
        { name: `FPIR ${at}`, now: same.fpir, before: point.fpir },
        { name: `FNIR ${at}`, now: same.fnir, before: point.fnir },
      ];
    }),
  ];
  const worse = errors.filter(rate => rate.now.rate > rate.before.bounds[1]);
  const said = worse.map(rate =>
    describe(rate.name, rate.now, `at most ${percent(rate.before.bounds[1])}`, rate.before),
  );
  if (now.rankOne.rate >= before.rankOne.bounds[0]) return said;
  return [...said, describe('rank-1', now.rankOne, `at least ${percent(before.rankOne.bounds[0])}`, before.rankOne)];
}

function describe(name: string, now: MeasuredRate, expected: string, before: MeasuredRate): string {
  return `${name}: expected ${expected} (${percent(before.rate)} was measured), got ${percent(now.rate)}, ${now.hits} of ${now.trials}`;
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(2)} %`;
}
