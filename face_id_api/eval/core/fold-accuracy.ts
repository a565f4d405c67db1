import { bestThreshold, type ScoreSets } from '../../core/calibrate.ts';

export type FoldAccuracy = {
  readonly folds: number;
  /** Mean over the folds of the share of right answers, in [0, 1]. */
  readonly mean: number;
  /** Of the mean: the folds' standard deviation over √folds, as LFW reports it (Huang and others 2007). */
  readonly standardError: number;
};

/**
 * Cross-validated accuracy: each fold is judged with the threshold that is best on the others. Null where fewer than two folds
 * hold pairs.
 */
export function foldAccuracy(folds: readonly ScoreSets[]): FoldAccuracy | null {
  const filled = folds.filter(({ same, different }) => same.length + different.length > 0);
  if (filled.length < 2) return null;
  const accuracies = filled.map((tested, index) => {
    const { threshold } = bestThreshold(join(filled.toSpliced(index, 1)));
    return accuracyAt(tested, threshold);
  });
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / filled.length;
  const variance = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0) / (filled.length - 1);
  return { folds: filled.length, mean, standardError: Math.sqrt(variance / filled.length) };
}

/** Share of right answers at a threshold: score ≥ threshold says "same person". */
export function accuracyAt(scores: ScoreSets, threshold: number): number {
  return rightAnswers(scores, threshold) / (scores.same.length + scores.different.length);
}

/** How many pairs are judged rightly at a threshold. */
export function rightAnswers({ same, different }: ScoreSets, threshold: number): number {
  const matched = same.filter(score => score >= threshold).length;
  return matched + different.filter(score => score < threshold).length;
}

function join(sets: readonly ScoreSets[]): ScoreSets {
  return {
    same: Float32Array.from(sets.flatMap(({ same }) => [...same])),
    different: Float32Array.from(sets.flatMap(({ different }) => [...different])),
  };
}
