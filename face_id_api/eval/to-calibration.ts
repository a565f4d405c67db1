import type { Calibration } from '../../triton/card.ts';
import { leastErrors } from '../core/calibrate.ts';
import type { Measurement } from './measure.ts';

export type EvalRun = {
  readonly embedder: string;
  readonly detector: string;
  /** What to type to measure this again, with no path of this machine. */
  readonly command: string;
  /** Day of the run, YYYY-MM-DD. */
  readonly date: string;
};

/** What a card keeps of a measurement. */
export function toCalibration(measurement: Measurement, { detector, command, date }: EvalRun): Calibration {
  const { list, listed, impostors, rates, curve, best, folds, test } = measurement;
  return {
    detector,
    method:
      `thresholds from all pairs of two people in ${list}, bounds clustered by person, null below ${leastErrors} effective ` +
      'false matches; FNMR, folds and accuracy from its listed pairs; photos without a face left out',
    command,
    date,
    photos: measurement.photos,
    pairs: { same: listed.same.length, different: impostors.scores.length },
    thresholds: rates.map(({ rate, threshold, measured, fnmr }) => ({
      fmr: rate,
      threshold,
      fmr_bounds: threshold === null || measured === null ? null : [...measured.bounds],
      fnmr: fnmr?.rate ?? null,
      fnmr_bounds: fnmr === null ? null : [...fnmr.bounds],
    })),
    curve,
    accuracy: best.accuracy,
    folds: folds === null ? null : { count: folds.folds, mean: folds.mean, standard_error: folds.standardError },
    test:
      test === null
        ? null
        : {
            list: test.list,
            pairs: test.pairs,
            failed_pairs: test.failedPairs,
            threshold: test.threshold,
            accuracy: test.accuracy,
            accuracy_bounds: [...test.bounds],
          },
    open_set: null,
  };
}
