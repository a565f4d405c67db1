import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceOf, decide } from '../../../face_id_api/core/decide.ts';

const cosine = fc.double({ min: -1, max: 1, noNaN: true });
const curve = fc.record({
  slope: fc.double({ min: 0.01, max: 200, noNaN: true }),
  intercept: fc.double({ min: -200, max: 200, noNaN: true }),
});
const id = fc.oneof(fc.nat(), fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/));

describe('decide', () => {
  it('matches exactly from the threshold on, the threshold included', () => {
    fc.assert(
      fc.property(id, cosine, cosine, curve, (who, score, threshold, curve) => {
        const verdict = decide({ id: who, score }, { threshold, curve });
        expect(verdict.decision).toBe(score >= threshold ? 'match' : 'unknown');
        expect(verdict.id).toBe(score >= threshold ? who : null);
        expect(verdict.score).toBe(score);
        expect(decide({ id: who, score: threshold }, { threshold, curve }).decision).toBe('match');
      }),
    );
  });

  it('never lowers the probability when the score rises, and keeps it in [0, 1]', () => {
    fc.assert(
      fc.property(cosine, cosine, curve, (a, b, curve) => {
        const low = confidenceOf(Math.min(a, b), curve) ?? Number.NaN;
        const high = confidenceOf(Math.max(a, b), curve) ?? Number.NaN;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(high).toBeGreaterThanOrEqual(low);
      }),
    );
  });

  it('says one half where the curve crosses zero', () => {
    fc.assert(
      fc.property(cosine, fc.double({ min: 1, max: 100, noNaN: true }), (score, slope) => {
        expect(confidenceOf(score, { slope, intercept: -slope * score })).toBeCloseTo(0.5, 9);
      }),
    );
  });

  it('knows nobody in an empty gallery, whatever the threshold', () => {
    fc.assert(
      fc.property(cosine, curve, (threshold, curve) => {
        expect(decide(undefined, { threshold, curve })).toEqual({
          decision: 'unknown',
          id: null,
          score: null,
          confidence: null,
        });
      }),
    );
  });
});
