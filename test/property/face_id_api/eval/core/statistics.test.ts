import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clopperPearson } from '../../../../../face_id_api/eval/core/clopper-pearson.ts';
import { clusteredFmr, forEachImpostorPair } from '../../../../../face_id_api/eval/core/clustered-fmr.ts';
import { equalErrorRate, rocCurve } from '../../../../../face_id_api/eval/core/roc-curve.ts';

const scores = fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: 1, maxLength: 60 });

/** People, as the owners of photos, and a score for every impostor pair of theirs. */
const impostors = fc
  .array(fc.nat({ max: 5 }), { minLength: 2, maxLength: 14 })
  .chain(owners => {
    const people = Int32Array.from(owners);
    let pairs = 0;
    forEachImpostorPair(people, () => pairs++);
    return fc.tuple(
      fc.constant(people),
      fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: pairs, maxLength: pairs }),
    );
  })
  .map(([people, pairScores]) => ({ people, scores: pairScores }));

describe('the statistics of an evaluation', () => {
  it('draw a curve on which FMR never falls and FNMR never rises, and every point is what counting gives', () => {
    fc.assert(
      fc.property(scores, scores, (same, different) => {
        const curve = rocCurve({ same, different });
        for (const [index, { threshold, fmr, fnmr }] of curve.entries()) {
          expect(fmr).toBe(different.filter(score => score >= threshold).length / different.length);
          expect(fnmr).toBe(same.filter(score => score < threshold).length / same.length);
          const before = curve[index - 1];
          if (before === undefined) continue;
          expect(threshold).toBeLessThan(before.threshold);
          expect(fmr).toBeGreaterThanOrEqual(before.fmr);
          expect(fnmr).toBeLessThanOrEqual(before.fnmr);
        }
        const rate = equalErrorRate(curve);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('give bounds that hold the rate, and narrower ones for more of the same', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5000 }), fc.nat({ max: 5000 }), (hits, misses) => {
        const trials = hits + misses;
        fc.pre(trials > 0);
        const [lower, upper] = clopperPearson(hits, trials);
        expect(lower).toBeLessThanOrEqual(hits / trials);
        expect(upper).toBeGreaterThanOrEqual(hits / trials);
        const [lowerOfMore, upperOfMore] = clopperPearson(4 * hits, 4 * trials);
        expect(upperOfMore - lowerOfMore).toBeLessThan(upper - lower);
      }),
    );
  });

  it('give clustered bounds that hold the rate and are never narrower than those of independent pairs', () => {
    fc.assert(
      fc.property(impostors, fc.double({ min: -1, max: 1, noNaN: true }), (data, threshold) => {
        const { falseMatches, fmr, effectiveErrors, bounds } = clusteredFmr(data, threshold);
        expect(effectiveErrors).toBeLessThanOrEqual(falseMatches);
        expect(bounds[0]).toBeLessThanOrEqual(fmr);
        expect(bounds[1]).toBeGreaterThanOrEqual(fmr);
        const plain = clopperPearson(falseMatches, data.scores.length);
        expect(bounds[1] - bounds[0]).toBeGreaterThanOrEqual(plain[1] - plain[0] - 1e-9);
      }),
    );
  });

  it('cluster by the products of all residuals that share a person', () => {
    fc.assert(
      fc.property(impostors, fc.double({ min: -1, max: 1, noNaN: true }), (data, threshold) => {
        const { falseMatches, fmr, effectiveErrors } = clusteredFmr(data, threshold);
        fc.pre(falseMatches > 0 && falseMatches < data.scores.length);
        const expected = Math.min(falseMatches, fmr ** 2 / varianceByDefinition(data, threshold, fmr));
        expect(effectiveErrors).toBeCloseTo(expected, 6);
      }),
    );
  });
});

/** The sum over every two dyads, written as the papers write it. */
function varianceByDefinition(
  { people, scores: pairScores }: { people: Int32Array; scores: Float32Array },
  threshold: number,
  rate: number,
): number {
  const residuals = new Map<string, { of: number[]; sum: number }>();
  forEachImpostorPair(people, (first, second, index) => {
    const of = [people[first]!, people[second]!].sort((a, b) => a - b);
    const known = residuals.get(of.join()) ?? { of, sum: 0 };
    known.sum += (pairScores[index]! >= threshold ? 1 : 0) - rate;
    residuals.set(of.join(), known);
  });
  let [shared, own] = [0, 0];
  for (const a of residuals.values()) {
    own += a.sum ** 2;
    for (const b of residuals.values()) {
      if (a.of.some(person => b.of.includes(person))) shared += a.sum * b.sum;
    }
  }
  return Math.max(shared, own) / pairScores.length ** 2;
}
