import { describe, expect, it } from 'vitest';
import { equalErrorRate, rocCurve } from '../../../../../face_id_api/eval/core/roc-curve.ts';

/** Multiples of 1/8 are exact in 32 bits. */
const scores = { same: Float32Array.of(0.875, 0.5, 0.75), different: Float32Array.of(0.125, 0.625, 0.25, 0.5) };

describe('rocCurve', () => {
  it('has the corners that a drawing by hand has', () => {
    expect(rocCurve(scores)).toEqual([
      { threshold: Infinity, fmr: 0, fnmr: 1 },
      { threshold: 0.875, fmr: 0, fnmr: 2 / 3 },
      { threshold: 0.75, fmr: 0, fnmr: 1 / 3 },
      { threshold: 0.5, fmr: 0.5, fnmr: 0 },
      { threshold: -Infinity, fmr: 1, fnmr: 0 },
    ]);
  });

  it('gives tied scores one point', () => {
    expect(rocCurve({ same: Float32Array.of(0.5, 0.5), different: Float32Array.of(0.5) })).toHaveLength(3);
  });
});

describe('equalErrorRate', () => {
  it('lies where the line between the two nearest points has equal rates', () => {
    // From (0, 1/3) to (1/2, 0): x = 1/3 − 2x/3.
    expect(equalErrorRate(rocCurve(scores))).toBeCloseTo(0.2, 12);
  });

  it('is 0 for separable scores', () => {
    expect(equalErrorRate(rocCurve({ same: Float32Array.of(0.9), different: Float32Array.of(0.1) }))).toBe(0);
  });
});
