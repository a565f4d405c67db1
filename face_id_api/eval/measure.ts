import {
  type BestThreshold,
  bestThreshold,
  fitLogisticCurve,
  type LogisticCurve,
  leastErrors,
  type ScoreSets,
  thresholdAtFmr,
} from '../core/calibrate.ts';
import { type Bounds, clopperPearson } from './core/clopper-pearson.ts';
import { type ClusteredFmr, clusteredFmr, type ImpostorScores } from './core/clustered-fmr.ts';
import { type FoldAccuracy, foldAccuracy, rightAnswers } from './core/fold-accuracy.ts';
import { equalErrorRate, type OperatingPoint, rocCurve } from './core/roc-curve.ts';
import { EvaluationError } from './evaluation-error.ts';
import { type PairList, photosOf } from './lfw-folder.ts';
import { type Embeddings, scoreFolds, scoreImpostors, scoreListedPairs } from './score-pairs.ts';

/** False-match rates that thresholds are measured for. */
const rates = [0.01, 0.001, 0.0001];

/** What one false-match rate costs. Null threshold: the data hold too few independent errors to support the rate. */
export type RateMeasurement = {
  /** The rate that was asked for. */
  readonly rate: number;
  readonly threshold: number | null;
  /** At the threshold, or at the one that would have been it; null where the pairs are too few for any. */
  readonly measured: ClusteredFmr | null;
  /** Share of same-person pairs below the threshold, with Clopper-Pearson bounds. */
  readonly fnmr: { readonly rate: number; readonly bounds: Bounds } | null;
};

/** Accuracy on pairs that no threshold was taken from. */
export type TestMeasurement = {
  readonly list: string;
  readonly pairs: PairCounts;
  readonly failedPairs: number;
  readonly threshold: number;
  readonly accuracy: number;
  /** Clopper-Pearson. */
  readonly bounds: Bounds;
  /** Pairs without a score counted as wrong answers. */
  readonly accuracyWithFailures: number;
};

export type PairCounts = { readonly same: number; readonly different: number };

export type Measurement = {
  readonly list: string;
  readonly photos: { readonly used: number; readonly failed: number };
  readonly failedPairs: number;
  /** Of the list. */
  readonly listed: ScoreSets;
  /** Of every two photos of two people in the list. */
  readonly impostors: ImpostorScores;
  readonly rates: readonly RateMeasurement[];
  readonly curve: LogisticCurve;
  readonly roc: readonly OperatingPoint[];
  readonly equalErrorRate: number;
  readonly best: BestThreshold;
  readonly folds: FoldAccuracy | null;
  readonly test: TestMeasurement | null;
};

/**
 * Everything that follows from the embeddings: thresholds from all impostor pairs of the people in `train`, accuracy on its listed
 * pairs, and on `test` with the threshold that is best on `train`.
 * @throws EvaluationError where the photos leave no pair of one person or none of two
 */
export function measure(train: PairList, test: PairList | null, embeddings: Embeddings): Measurement {
  const photos = photosOf([train]);
  const used = photos.filter(photo => embeddings.has(photo)).length;
  const listed = scoreListedPairs(train.pairs, embeddings);
  const impostors = scoreImpostors(photos, embeddings);
  if (listed.same.length === 0 || listed.different.length === 0) {
    throw new EvaluationError(
      `${train.name}: expected pairs of one person and pairs of two with a face in each photo, got ` +
        `${listed.same.length} and ${listed.different.length} (${photos.length - used} of ${photos.length} photos failed)`,
    );
  }
  const sorted = impostors.scores.toSorted();
  const scores = { same: listed.same, different: sorted };
  const roc = rocCurve(scores);
  const best = bestThreshold(listed);
  return {
    list: train.name,
    photos: { used, failed: photos.length - used },
    failedPairs: train.pairs.length - listed.same.length - listed.different.length,
    listed,
    impostors,
    rates: rates.map(rate => measureRate(rate, sorted, impostors, listed.same)),
    curve: fitLogisticCurve(scores),
    roc,
    equalErrorRate: equalErrorRate(roc),
    best,
    folds: foldAccuracy(scoreFolds(train, embeddings)),
    test: test === null ? null : measureTest(test, embeddings, best.threshold),
  };
}

function measureRate(
  rate: number,
  sorted: Float32Array,
  impostors: ImpostorScores,
  same: Float32Array,
): RateMeasurement {
  const candidate = thresholdAtFmr(sorted, rate);
  if (candidate === null) return { rate, threshold: null, measured: null, fnmr: null };
  const measured = clusteredFmr(impostors, candidate);
  if (measured.effectiveErrors < leastErrors) return { rate, threshold: null, measured, fnmr: null };
  const missed = same.filter(score => score < candidate).length;
  const fnmr = { rate: missed / same.length, bounds: clopperPearson(missed, same.length) };
  return { rate, threshold: candidate, measured, fnmr };
}

function measureTest(test: PairList, embeddings: Embeddings, threshold: number): TestMeasurement {
  const scores = scoreListedPairs(test.pairs, embeddings);
  const pairs = { same: scores.same.length, different: scores.different.length };
  const scored = pairs.same + pairs.different;
  if (scored === 0) throw new EvaluationError(`${test.name}: expected pairs with a face in each photo, got none`);
  const right = rightAnswers(scores, threshold);
  return {
    list: test.name,
    pairs,
    failedPairs: test.pairs.length - scored,
    threshold,
    accuracy: right / scored,
    bounds: clopperPearson(right, scored),
    accuracyWithFailures: right / test.pairs.length,
  };
}
