import { describe, expect, it } from 'vitest';
import { clopperPearson } from '../../../../../face_id_api/eval/core/clopper-pearson.ts';

describe('clopperPearson', () => {
  // Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 5.
  it.each([
    [81, 263, 0.2527, 0.3676],
    [15, 148, 0.0578, 0.1617],
    [0, 20, 0, 0.1684],
    [1, 29, 0.0009, 0.1776],
  ])('gives the published bounds for %i of %i', (hits, trials, lower, upper) => {
    const bounds = clopperPearson(hits, trials);
    expect(bounds[0]).toBeCloseTo(lower, 4);
    expect(bounds[1]).toBeCloseTo(upper, 4);
  });

  it('holds where errors are as rare as false matches', () => {
    // The Poisson bounds of 3 events are 0.618672 and 8.767273 (Garwood 1936).
    const [lower, upper] = clopperPearson(3, 1e7);
    expect(lower * 1e7).toBeCloseTo(0.618672, 4);
    expect(upper * 1e7).toBeCloseTo(8.767273, 4);
  });

  it('knows nothing without trials, and refuses what is no rate', () => {
    expect(clopperPearson(0, 0)).toEqual([0, 1]);
    expect(() => clopperPearson(3, 2)).toThrow('expected 0 ≤ hits ≤ trials, got 3 of 2');
    expect(() => clopperPearson(Number.NaN, 2)).toThrow(RangeError);
  });
});
