import type { DiscardPoint } from '../core/discard-curve.ts';
import type { JudgedMeasures } from '../quality/judge-measures.ts';
import { percent } from './percent.ts';

export type QualitySubject = {
  /** Photos without a usable face: they never reach a gate. */
  readonly failed: number;
  readonly applied: { readonly fmr: number; readonly threshold: number };
};

/** Shares of the photos that the table leaves out. */
const shownShares = [0, 0.1, 0.2, 0.3];

/** Head of the table of measures. */
export const measureHead = [
  'measure',
  ...shownShares.map(share => `FNIR without the worst ${Math.round(100 * share)} %`),
  'gain (95 %)',
  'helps',
];

/** One row for each measure, and one for a perfect one. */
export function measureRows({ measures, perfect }: JudgedMeasures): string[][] {
  const rates = (curve: readonly DiscardPoint[]): string[] =>
    shownShares.map(share => percent(nearest(curve, share).errorRate));
  return [
    ...measures.map(({ name, curve, gain, helps }) => [
      name,
      ...rates(curve),
      `${gain.gain.toFixed(2)} (${gain.bounds.map(bound => bound.toFixed(2)).join(' to ')})`,
      helps ? 'yes' : 'no',
    ]),
    ['perfect', ...rates(perfect), '1', ''],
  ];
}

/** Whose figures these are, in one line. */
export function qualitySubject({ probes, errors }: JudgedMeasures, { failed, applied }: QualitySubject): string {
  return (
    `${errors} of ${probes.toLocaleString('en')} photos with and without faults are missed at the threshold of ` +
    `FMR ${applied.fmr} (${applied.threshold.toFixed(4)}); ${failed} more show no face`
  );
}

function nearest(curve: readonly DiscardPoint[], share: number): DiscardPoint {
  return curve.toSorted((a, b) => Math.abs(a.discarded - share) - Math.abs(b.discarded - share))[0]!;
}
