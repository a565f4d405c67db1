import { describe, expect, it } from 'vitest';
import { createDecisionRules } from '../../../face_id_api/decision-rules.ts';
import { StartError } from '../../../face_id_api/start-error.ts';
import { calibration, fakeCard } from '../../api/face_id_api/fake-deps.ts';

const configured = { fmr: 0.001, threshold: null, margin: null };
const margin = Math.log(3) / calibration.curve.slope;

describe('createDecisionRules', () => {
  it('takes the threshold measured at the configured rate, and its curve', () => {
    const rules = createDecisionRules(fakeCard(), configured);
    expect(rules.ruleFor('mtcnn', {})).toEqual({ threshold: 0.8, fmr: 0.001, margin, curve: calibration.curve });
    expect(rules.problemWith('mtcnn')).toBeNull();
  });

  it('uses what was measured behind the detector that looked', () => {
    const ssd = { ...calibration, detector: 'ssd_mobilenetv1', thresholds: [{ fmr: 0.001, threshold: 0.9 }] };
    const rules = createDecisionRules(fakeCard({ calibration: [calibration, ssd] }), configured);
    expect(rules.ruleFor('ssd_mobilenetv1', {}).threshold).toBe(0.9);
    expect(rules.ruleFor('mtcnn', {}).threshold).toBe(0.8);
  });

  it('lets a configured threshold win, and a request’s over that', () => {
    const rules = createDecisionRules(fakeCard(), { ...configured, threshold: 0.55 });
    expect(rules.ruleFor('mtcnn', {}).threshold).toBe(0.55);
    expect(rules.ruleFor('mtcnn', { threshold: -1 }).threshold).toBe(-1);
    expect(rules.ruleFor('mtcnn', { fmr: 0.01 }).threshold).toBe(0.6);
  });

  it.each([
    ['no calibration', [], configured, /no calibration: run `npm run eval`/],
    [
      'a rate that was not measured',
      [calibration],
      { ...configured, fmr: 0.5 },
      /expected one of 0\.01, 0\.001, got 0\.5/,
    ],
    ['a rate that the data do not support', [calibration], { ...configured, fmr: 0.0001 }, /got 0\.0001/],
  ])('refuses to start with %s', (_, measured, config, message) => {
    const start = () => createDecisionRules(fakeCard({ calibration: measured }), config);
    expect(start).toThrow(StartError);
    expect(start).toThrow(message);
  });

  it('needs no calibration with a threshold, and then knows no probability', () => {
    const rules = createDecisionRules(fakeCard({ calibration: [] }), { ...configured, threshold: 0.5 });
    expect(rules.ruleFor('anything', {})).toEqual({ threshold: 0.5, fmr: null, margin: 0, curve: null });
    expect(() => rules.ruleFor('anything', { fmr: 0.001 })).toThrow(/nothing was measured here/);
  });

  it('cannot decide behind a detector that was not measured, unless the request says how', () => {
    const rules = createDecisionRules(fakeCard(), configured);
    expect(rules.problemWith('yunet')).toMatch(/no calibration behind detector 'yunet'/);
    expect(() => rules.ruleFor('yunet', {})).toThrow(/no calibration behind detector 'yunet'/);
    expect(rules.ruleFor('yunet', { threshold: 0.7 })).toEqual({ threshold: 0.7, fmr: null, margin: 0, curve: null });
  });

  it('says which measured rate a threshold does not exceed', () => {
    const rules = createDecisionRules(fakeCard(), configured);
    const rateAt = (threshold: number) => rules.ruleFor('mtcnn', { threshold }).fmr;
    expect([0.59, 0.6, 0.7, 0.8, 1].map(rateAt)).toEqual([null, 0.01, 0.01, 0.001, 0.001]);
  });

  it('takes a configured margin in place of the measured one', () => {
    const rules = createDecisionRules(fakeCard(), { ...configured, margin: 0.02 });
    expect(rules.ruleFor('mtcnn', {}).margin).toBe(0.02);
  });
});
