import { faultNames } from '../../../detector/degrade-photo.ts';
import type { OpenSet } from '../../../triton/open-set.ts';
import { leastErrors } from '../../core/calibrate.ts';
import type { MeasuredRate } from '../core/clustered-rate.ts';
import type { EvalRun } from '../to-calibration.ts';
import { type OpenSetMeasurement, type OperatingPoint, sampleEvery } from './measure-open-set.ts';
import { photosEnrolled } from './open-set-photos.ts';

/** What a card keeps of an open-set measurement. */
export function toOpenSet(measurement: OpenSetMeasurement, { command, date }: EvalRun): OpenSet {
  const { gallery, failureToEnrol, failureToAcquire, rankOne, rates, atFmr, faults, sample } = measurement;
  return {
    method:
      `those in gallery.txt enrolled with their first ${photosEnrolled} photos and searched for with the others, one photo of everybody ` +
      `else; top 1 by the nearest template; bounds of FNIR and rank-1 clustered by person; a rate is supported by ${leastErrors} ` +
      'errors of strangers; failures to acquire count as misses, and as strangers whom nobody was found for',
    command,
    date,
    gallery,
    failure_to_enrol: toRate(failureToEnrol),
    failure_to_acquire: {
      enrolled: toRate(failureToAcquire.enrolled),
      mated: toRate(failureToAcquire.mated),
      non_mated: toRate(failureToAcquire.nonMated),
    },
    rank_one: toRate(rankOne),
    rates: rates.map(({ fpir, supported, point }) => ({ fpir, supported, point: point && toPoint(point) })),
    at_fmr: atFmr.map(({ fmr, expectedFpir, point }) => ({ fmr, expected_fpir: expectedFpir, point: toPoint(point) })),
    faults: faults.map(({ fault, failureToAcquire, rankOne, point }) => ({
      fault,
      strength: faultNames[fault],
      failure_to_acquire: toRate(failureToAcquire),
      rank_one: toRate(rankOne),
      point: toPoint(point),
    })),
    sample: {
      every: sampleEvery,
      failure_to_enrol: toRate(sample.failureToEnrol),
      rank_one: toRate(sample.rankOne),
      points: sample.points.map(toPoint),
    },
  };
}

function toPoint({ threshold, fpir, fnir }: OperatingPoint): OpenSet['sample']['points'][number] {
  return { threshold, fpir: toRate(fpir), fnir: toRate(fnir) };
}

function toRate({ hits, trials, rate, bounds: [lower, upper] }: MeasuredRate): OpenSet['rank_one'] {
  return { hits, trials, rate, bounds: [lower, upper] };
}
