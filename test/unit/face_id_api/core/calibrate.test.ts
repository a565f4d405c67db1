import { describe, expect, it } from 'vitest';
import { bestThreshold, fitLogisticCurve, thresholdAtFmr } from '../../../../face_id_api/core/calibrate.ts';

/** n quantiles of the logistic distribution with this mean and scale. */
function logisticQuantiles(n: number, mean: number, scale: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    const p = (i + 0.5) / n;
    return mean + scale * Math.log(p / (1 - p));
  });
}

describe('thresholdAtFmr', () => {
  const different = Float32Array.from({ length: 10_000 }, (_, i) => i / 10_000);

  it('lets exactly the allowed share of impostors through', () => {
    for (const fmr of [0.1, 0.01]) {
      const threshold = thresholdAtFmr(different, fmr)!;
      expect(different.filter(score => score >= threshold).length).toBe(10_000 * fmr);
    }
  });

  it('says null where fewer than thirty false matches would carry the rate', () => {
    expect(thresholdAtFmr(different, 0.003)).not.toBeNull();
    expect(thresholdAtFmr(different, 0.0029)).toBeNull();
    expect(thresholdAtFmr(new Float32Array(0), 0.5)).toBeNull();
  });

  it('puts ties on the safe side', () => {
    const tied = new Float32Array(1000).fill(0.5);
    const threshold = thresholdAtFmr(tied, 0.1)!;
    expect(tied.some(score => score >= threshold)).toBe(false);
  });
});

describe('bestThreshold', () => {
  it('lies half way between separable scores, and counts the mistakes of others', () => {
    const same = Float32Array.of(0.875, 0.75, 0.625);
    expect(bestThreshold({ same, different: Float32Array.of(0.125, 0.25, 0.375) })).toEqual({
      threshold: 0.5,
      accuracy: 1,
    });
    expect(bestThreshold({ same, different: Float32Array.of(0.125, 0.25, 0.9375) }).accuracy).toBeCloseTo(5 / 6);
  });

  it('does not split ties', () => {
    expect(bestThreshold({ same: Float32Array.of(0.5), different: Float32Array.of(0.5) }).accuracy).toBe(0.5);
  });

  it('accepts all, or none, where one kind is missing', () => {
    const some = Float32Array.of(0.25, 0.5);
    expect(bestThreshold({ same: some, different: new Float32Array(0) }).threshold).toBeLessThan(0.25);
    expect(bestThreshold({ same: new Float32Array(0), different: some }).threshold).toBeGreaterThan(0.5);
  });
});

describe('fitLogisticCurve', () => {
  it('finds the middle between two classes of equal spread and rises with the score', () => {
    const curve = fitLogisticCurve({
      same: logisticQuantiles(1000, 0.6, 0.05),
      different: logisticQuantiles(200_000, 0.2, 0.05),
    });
    expect(curve.slope).toBeGreaterThan(5);
    expect(-curve.intercept / curve.slope).toBeCloseTo(0.4, 2);
  });

  it('stays finite for separable classes', () => {
    const curve = fitLogisticCurve({ same: Float32Array.of(0.9, 0.91), different: Float32Array.of(0.1, 0.11) });
    expect(Number.isFinite(curve.slope) && Number.isFinite(curve.intercept)).toBe(true);
    expect(curve.slope).toBeGreaterThan(0);
  });
});
