import { describe, expect, it } from 'vitest';
import { foldAccuracy } from '../../../../../face_id_api/eval/core/fold-accuracy.ts';

const fold = (same: number[], different: number[]) => ({
  same: Float32Array.from(same),
  different: Float32Array.from(different),
});

describe('foldAccuracy', () => {
  it('judges each fold with the threshold of the others', () => {
    // Thresholds by hand: 0.5 from the second fold, 0.65 from the first. The first fold has no mistake at 0.5 and the second
    // misses one of four at 0.65.
    const folds = [
      fold(
        [0.9, 0.8],
        [0.5, 0.1].map(x => x - 0.01),
      ),
      fold([0.6, 0.9], [0.4, 0.1]),
    ];
    const result = foldAccuracy(folds);
    expect(result).toMatchObject({ folds: 2, mean: 0.875 });
    // Standard deviation of 1 and 0.75 is √0.03125; over √2.
    expect(result?.standardError).toBeCloseTo(0.125, 12);
  });

  it('leaves out folds whose photos all failed, and is null with fewer than two', () => {
    const good = fold([0.9], [0.1]);
    expect(foldAccuracy([good, fold([], []), good])).toEqual({ folds: 2, mean: 1, standardError: 0 });
    expect(foldAccuracy([good, fold([], [])])).toBeNull();
  });
});
