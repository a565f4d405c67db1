import { describe, expect, it } from 'vitest';
import { EvaluationError } from '../../../../face_id_api/eval/evaluation-error.ts';
import { measure } from '../../../../face_id_api/eval/measure.ts';
import { toCalibration } from '../../../../face_id_api/eval/to-calibration.ts';
import { calibrationSchema } from '../../../../triton/card.ts';
import { photoOf, syntheticPeople } from './synthetic-people.ts';

const train = syntheticPeople(300);
const test = syntheticPeople(100, 1000);
const everybody = new Map([...train.embeddings, ...test.embeddings]);

describe('measure', () => {
  it('takes thresholds from all pairs of two people, at rates that the data support, and leaves the others null', () => {
    const { impostors, rates } = measure(train.list, null, everybody);
    expect(impostors.scores.length).toBe((600 * 599) / 2 - 300);
    expect(rates.map(({ rate, threshold }) => [rate, threshold !== null])).toEqual([
      [0.01, true],
      [0.001, true],
      // 17 false matches at most.
      [0.0001, false],
    ]);
    for (const { threshold, rate, measured, fnmr } of rates.slice(0, 2)) {
      expect(impostors.scores.filter(score => score >= threshold!).length).toBe(measured?.falseMatches);
      expect(measured?.fmr).toBeLessThanOrEqual(rate);
      expect(measured?.bounds[0]).toBeLessThan(rate);
      expect(measured?.bounds[1]).toBeGreaterThan(rate * 0.99);
      expect(fnmr?.bounds[0]).toBeLessThanOrEqual(fnmr?.rate ?? Number.NaN);
    }
  });

  it('supports no rate on errors that are all one person’s, however many', () => {
    // Everybody has an axis of their own and leans a little towards the first one's: cosine 0.09 among them, 0.3 with P0.
    const wolf = new Map(
      [...train.embeddings.keys()].map(photo => {
        const person = Number(/^P(\d+)/.exec(photo)?.[1]);
        const vector = new Float32Array(300);
        vector[person] = person === 0 ? 1 : Math.sqrt(1 - 0.3 ** 2);
        if (person !== 0) vector[0] = 0.3;
        return [photo, vector];
      }),
    );
    const [first] = measure(train.list, null, wolf).rates;
    expect(first?.measured?.falseMatches).toBe(2 * 598);
    expect(first?.measured?.effectiveErrors).toBeLessThan(2);
    expect(first?.threshold).toBeNull();
    expect(first?.fnmr).toBeNull();
  });

  it('tests the best threshold on the other list, and counts failed pairs apart and as wrong', () => {
    const failing = new Map(everybody);
    failing.delete(photoOf('P1000', 1));
    const result = measure(train.list, test.list, failing).test!;
    // Photo 1 is in its person's pair and in one of two people.
    expect(result).toMatchObject({ pairs: { same: 99, different: 99 }, failedPairs: 2, list: 'from-1000.txt' });
    expect(result.threshold).toBe(measure(train.list, null, everybody).best.threshold);
    expect(result.accuracyWithFailures).toBeCloseTo((result.accuracy * 198) / 200, 12);
    expect(result.bounds[0]).toBeLessThan(result.accuracy);
    expect(result.bounds[1]).toBeGreaterThanOrEqual(result.accuracy);
  });

  it('refuses data without a pair of either kind', () => {
    expect(() => measure(train.list, null, new Map())).toThrow(EvaluationError);
    expect(() => measure(train.list, null, new Map())).toThrow(/got 0 and 0 \(600 of 600 photos failed\)/);
    expect(() => measure(train.list, test.list, train.embeddings)).toThrow(/^from-1000\.txt: expected pairs/);
  });
});

describe('toCalibration', () => {
  it('makes what a card accepts, with or without a second list', () => {
    const run = { embedder: 'e', detector: 'd', command: 'npm run eval', date: '2026-01-31' };
    const whole = toCalibration(measure(train.list, test.list, everybody), run);
    expect(calibrationSchema.parse(whole)).toEqual(whole);
    expect(whole.thresholds[2]).toEqual({
      fmr: 0.0001,
      threshold: null,
      fmr_bounds: null,
      fnmr: null,
      fnmr_bounds: null,
    });
    expect(toCalibration(measure(train.list, null, everybody), run).test).toBeNull();
  });
});
