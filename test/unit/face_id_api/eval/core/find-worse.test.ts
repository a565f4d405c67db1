import { describe, expect, it } from 'vitest';
import { independentRate } from '../../../../../face_id_api/eval/core/clustered-rate.ts';
import { findWorse, type GateFigures } from '../../../../../face_id_api/eval/core/find-worse.ts';

const rate = (hits: number, trials: number) => independentRate({ hits, trials });

const before: GateFigures = {
  failureToEnrol: rate(0, 40),
  rankOne: rate(360, 370),
  points: [
    { threshold: 0.4, fpir: rate(4, 400), fnir: rate(8, 370) },
    { threshold: 0.3, fpir: rate(40, 400), fnir: rate(5, 370) },
  ],
};

/** Those figures with others in their first point. */
const withPoint = (change: Partial<GateFigures['points'][number]>): GateFigures => ({
  ...before,
  points: [{ ...before.points[0]!, ...change }, before.points[1]!],
});

describe('findWorse', () => {
  it('lets the same figures pass, better ones, and worse ones within the bounds', () => {
    expect(findWorse(before, before)).toEqual([]);
    expect(findWorse(withPoint({ fpir: rate(0, 400), fnir: rate(0, 370) }), before)).toEqual([]);
    expect(findWorse(withPoint({ fpir: rate(9, 400), fnir: rate(14, 370) }), before)).toEqual([]);
  });

  it.each([
    [
      'more strangers named',
      withPoint({ fpir: rate(11, 400) }),
      /^FPIR at 0\.4000: expected at most 2\.54 % \(1\.00 % was measured\), got 2\.75 %, 11 of 400$/,
    ],
    ['more people missed', withPoint({ fnir: rate(17, 370) }), /^FNIR at 0\.4000: .*got 4\.59 %, 17 of 370$/],
    ['the wrong person first', { ...before, rankOne: rate(340, 370) }, /^rank-1: expected at least 95\.\d+ %/],
    ['people who cannot be enrolled', { ...before, failureToEnrol: rate(5, 40) }, /^failure to enrol: /],
  ])('stops %s by more than the bounds', (_, now, message) => {
    const worse = findWorse(now, before);
    expect(worse).toHaveLength(1);
    expect(worse[0]).toMatch(message);
  });

  it('looks at every threshold', () => {
    const now = { ...before, points: [before.points[0]!, { ...before.points[1]!, fpir: rate(60, 400) }] };
    expect(findWorse(now, before)).toEqual([expect.stringMatching(/^FPIR at 0\.3000/)]);
  });

  it('wants the same thresholds', () => {
    expect(() => findWorse({ ...before, points: [] }, before)).toThrow('expected a point at 0.4, got none');
  });
});
