import { describe, expect, it } from 'vitest';
import { clopperPearson } from '../../../../../face_id_api/eval/core/clopper-pearson.ts';
import { clusteredRate, independentRate } from '../../../../../face_id_api/eval/core/clustered-rate.ts';

const groups = (count: number, hits: number, trials: number) => Array.from({ length: count }, () => ({ hits, trials }));

describe('clusteredRate', () => {
  it('gives the bounds of the effective number of trials, worked out by hand', () => {
    const measured = clusteredRate([{ hits: 2, trials: 4 }, { hits: 2, trials: 4 }, ...groups(3, 0, 4)]);
    // p = 0.2. Two groups of r = 1.2 and three of −0.8: Σ r² = 2.88 + 1.92 = 4.8, Var = 5/4 · 4.8 / 400 = 0.015, 0.16 / 0.015 trials.
    const effective = 0.16 / 0.015;
    expect(measured).toMatchObject({ hits: 4, trials: 20, rate: 0.2 });
    expect(measured.bounds[0]).toBeCloseTo(clopperPearson(0.2 * effective, effective)[0], 10);
    expect(measured.bounds[1]).toBeCloseTo(clopperPearson(0.2 * effective, effective)[1], 10);
  });

  it('is as sure of people with one trial each as of independent trials, but for one', () => {
    const measured = clusteredRate([...groups(5, 1, 1), ...groups(45, 0, 1)]);
    expect(measured.bounds[1]).toBeCloseTo(clopperPearson(0.1 * 49, 49)[1], 10);
  });

  it('counts a person whose photos all fail together as little more than one', () => {
    const together = clusteredRate([{ hits: 10, trials: 10 }, ...groups(39, 0, 10)]);
    const apart = clusteredRate([...groups(10, 1, 10), ...groups(30, 0, 10)]);
    expect(together.rate).toBe(apart.rate);
    expect(together.bounds[1]).toBeGreaterThan(2 * apart.bounds[1]);
    expect(apart.bounds).toEqual(independentRate({ hits: 10, trials: 400 }).bounds);
  });

  it('takes people with more photos for more', () => {
    expect(
      clusteredRate([
        { hits: 9, trials: 9 },
        { hits: 0, trials: 1 },
      ]).rate,
    ).toBe(0.9);
  });

  it('falls back to the plain bounds where nothing, or everything, is a hit', () => {
    expect(clusteredRate(groups(4, 0, 5)).bounds).toEqual(clopperPearson(0, 20));
    expect(clusteredRate(groups(4, 5, 5)).bounds).toEqual(clopperPearson(20, 20));
  });

  it('knows next to nothing of one person, and nothing without trials', () => {
    expect(clusteredRate([{ hits: 50, trials: 100 }, ...groups(3, 0, 0)]).bounds).toEqual(clopperPearson(0.5, 1));
    expect(clusteredRate([])).toEqual({ hits: 0, trials: 0, rate: 0, bounds: [0, 1] });
  });
});
