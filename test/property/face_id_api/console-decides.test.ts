import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide as decideOnPage, expectedFpir as fpirOnPage, pointAt } from '../../../face_id_api/console/decide.js';
import { decide, expectedFpir } from '../../../face_id_api/core/decide.ts';
import { strikeRejected } from '../../../face_id_api/core/strike-rejected.ts';
import { createDecisionRules } from '../../../face_id_api/decision-rules.ts';
import { calibration, fakeCard } from '../../api/face_id_api/fake-deps.ts';

const cosine = fc.double({ min: -1, max: 1, noNaN: true });
const candidates = fc
  .array(
    fc.record(
      { id: fc.nat(), score: cosine, confidence: fc.constant(null), rejection: cosine },
      { requiredKeys: ['id', 'score', 'confidence'] },
    ),
    { maxLength: 5 },
  )
  .map(all => all.sort((a, b) => b.score - a.score));

describe('the console', () => {
  it('decides as the service does', () => {
    fc.assert(
      fc.property(candidates, cosine, fc.double({ min: 0, max: 0.1, noNaN: true }), (found, threshold, margin) => {
        const left = strikeRejected(found, threshold);
        const { decision, id } = decide(left, { threshold, margin, fmr: null, curve: null });
        expect(decideOnPage(found, { threshold, margin })).toEqual({ decision, id });
      }),
    );
  });

  it('names the rate that the service names for a threshold, and what it means in a gallery', () => {
    const rules = createDecisionRules(fakeCard(), { fmr: 0.001, threshold: null, margin: null });
    const points = calibration.thresholds.map(measured => ({ fnmr: null, ...measured }));
    fc.assert(
      fc.property(cosine, fc.nat(100_000), (threshold, comparisons) => {
        const { fmr } = rules.ruleFor('mtcnn', { threshold });
        expect(pointAt(points, threshold)?.fmr ?? null).toBe(fmr);
        expect(fpirOnPage(fmr, comparisons)).toBe(expectedFpir(fmr, comparisons));
      }),
    );
  });
});
