import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceOf, decide, expectedFpir, marginOf } from '../../../face_id_api/core/decide.ts';

const cosine = fc.double({ min: -1, max: 1, noNaN: true });
const curve = fc.record({
  slope: fc.double({ min: 0.01, max: 200, noNaN: true }),
  intercept: fc.double({ min: -200, max: 200, noNaN: true }),
});
const id = fc.oneof(fc.nat(), fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/));

const rule = { fmr: null, margin: 0.1 };

describe('decide', () => {
  it('matches exactly from the threshold on, the threshold included', () => {
    fc.assert(
      fc.property(id, cosine, cosine, curve, (who, score, threshold, curve) => {
        const verdict = decide([{ id: who, score }], { ...rule, threshold, curve });
        expect(verdict.decision).toBe(score >= threshold ? 'match' : 'unknown');
        expect(verdict.id).toBe(score >= threshold ? who : null);
        expect(verdict.score).toBe(score);
        expect(decide([{ id: who, score: threshold }], { ...rule, threshold, curve }).decision).toBe('match');
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
        expect(decide([], { ...rule, threshold, curve })).toEqual({
          decision: 'unknown',
          id: null,
          score: null,
          confidence: null,
        });
      }),
    );
  });

  it('is ambiguous exactly where it would match and the next identity is within the margin', () => {
    const margin = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(cosine, cosine, cosine, margin, (a, b, threshold, margin) => {
        const [score, next] = [Math.max(a, b), Math.min(a, b)];
        const candidates = [
          { id: 1, score },
          { id: 2, score: next },
        ];
        const { decision, id } = decide(candidates, { threshold, fmr: null, margin, curve: null });
        const expected = score < threshold ? 'unknown' : score - next < margin ? 'ambiguous' : 'match';
        expect([decision, id]).toEqual([expected, expected === 'match' ? 1 : null]);
      }),
    );
  });
});

describe('marginOf', () => {
  it('is where the odds of two candidates are 3 to 1', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        fc.double({ min: 5, max: 50, noNaN: true }),
        (score, slope) => {
          const curve = { slope, intercept: 0 };
          const odds = (at: number): number => {
            const p = confidenceOf(at, curve) ?? Number.NaN;
            return p / (1 - p);
          };
          expect(odds(score + marginOf(curve)) / odds(score)).toBeCloseTo(3, 3);
        },
      ),
    );
    expect(marginOf(null)).toBe(0);
  });
});

describe('expectedFpir', () => {
  it('is the rate itself for one comparison, grows with the gallery and stays a probability', () => {
    const rate = fc.double({ min: 1e-12, max: 1, noNaN: true });
    fc.assert(
      fc.property(rate, fc.nat(1e9), fc.nat(1e9), (fmr, a, b) => {
        expect(expectedFpir(fmr, 0)).toBe(0);
        expect(expectedFpir(fmr, 1)).toBeCloseTo(fmr, 12);
        const low = expectedFpir(fmr, Math.min(a, b)) ?? Number.NaN;
        const high = expectedFpir(fmr, Math.max(a, b)) ?? Number.NaN;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(high).toBeGreaterThanOrEqual(low);
      }),
    );
    expect(expectedFpir(0.001, 1000)).toBeCloseTo(1 - 0.999 ** 1000, 10);
    expect(expectedFpir(1e-15, 10)).toBeCloseTo(1e-14, 20);
    expect(expectedFpir(null, 10)).toBeNull();
  });
});
