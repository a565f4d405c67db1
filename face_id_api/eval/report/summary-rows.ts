import { leastErrors } from '../../core/calibrate.ts';
import type { Measurement, RateMeasurement } from '../measure.ts';
import { rateLabel } from './chart-frame.ts';
import { percent, percentBounds } from './percent.ts';

/** Head of the table of thresholds. */
export const thresholdHead = ['FMR', 'threshold (cosine)', 'FMR, 95 % by person', 'FNMR', 'FNMR, 95 %'] as const;

/** One row per false-match rate, for the terminal and for the report. */
export function thresholdRows({ rates }: Measurement): string[][] {
  return rates.map(rate => {
    if (rate.threshold === null) return [rateLabel(rate.rate), 'none', whyNone(rate), '', ''];
    const { measured, fnmr } = rate;
    return [
      rateLabel(rate.rate),
      rate.threshold.toFixed(4),
      measured ? measured.bounds.map(bound => bound.toExponential(1)).join(' to ') : '',
      fnmr ? percent(fnmr.rate) : '',
      fnmr ? percentBounds(fnmr.bounds) : '',
    ];
  });
}

/** What else was measured: name and value. */
export function summaryRows({ list, photos, failedPairs, equalErrorRate, best, folds, test }: Measurement): string[][] {
  const rows = [
    [
      'photos that failed to acquire',
      `${photos.failed} of ${photos.used + photos.failed}; pairs left out: ${failedPairs}`,
    ],
    ['equal error rate', percent(equalErrorRate)],
    [`accuracy on ${list}, best threshold ${best.threshold.toFixed(4)}`, percent(best.accuracy)],
  ];
  if (folds) {
    rows.push([`accuracy over ${folds.folds} folds`, `${percent(folds.mean)} ± ${percent(folds.standardError)} (SE)`]);
  }
  if (test) {
    rows.push([
      `accuracy on ${test.list}, same threshold`,
      `${percent(test.accuracy)}, 95 %: ${percentBounds(test.bounds)}`,
    ]);
    if (test.failedPairs > 0) {
      const pairs = test.pairs.same + test.pairs.different + test.failedPairs;
      rows.push([
        `  its ${test.failedPairs} of ${pairs} pairs without a score counted as wrong`,
        percent(test.accuracyWithFailures),
      ]);
    }
  }
  return rows;
}

/** Why a rate has no threshold. */
function whyNone({ measured }: RateMeasurement): string {
  const count =
    measured === null
      ? 'too few pairs'
      : `${measured.falseMatches} false matches count as ${measured.effectiveErrors.toFixed(0)}`;
  return `${count}; needs ${leastErrors}`;
}
