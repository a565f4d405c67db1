import { describe, expect, it } from 'vitest';
import type { FaceQuality } from '../../../../../face_id_api/core/measure-quality.ts';
import { judgeMeasures, type QualityProbe } from '../../../../../face_id_api/eval/quality/judge-measures.ts';

const fine: FaceQuality = {
  sharpness: 1,
  brightness: 0.5,
  contrast: 0.2,
  noise: 0.02,
  yaw: 0,
  pitch: 0,
  roll: 0,
  boxSide: 100,
  confidence: 0.99,
  score: 1,
};

/** Ten people, each with a turned face that is missed, a bright one that is not, and eight good ones. */
const probes = Array.from({ length: 100 }, (_, i): QualityProbe => {
  const quality = {
    ...fine,
    score: i % 10 === 0 ? 0.2 : 1,
    yaw: i % 10 === 0 ? -60 : 10,
    brightness: i % 10 === 1 ? 0.1 : 0.5,
  };
  return { person: Math.floor(i / 10), quality, isError: i % 10 === 0 };
});

describe('judgeMeasures', () => {
  const judged = judgeMeasures(probes);
  const of = (name: string) => judged.measures.find(measure => measure.name === name)!;

  it('says that a measure helps when errors go first by it', () => {
    expect(of('score')).toMatchObject({ helps: true });
    expect(of('score').gain.gain).toBeCloseTo(1, 12);
    expect(of('score').curve).toEqual(judged.perfect);
  });

  it('takes a face turned to either side for turned', () => {
    expect(of('yaw')).toMatchObject({ helps: true });
  });

  it('does not say so of one that tells nothing, or keeps the errors', () => {
    expect(of('sharpness')).toMatchObject({ helps: false });
    expect(of('brightness').helps).toBe(false);
    expect(of('brightness').gain.gain).toBeLessThan(0);
  });

  it('counts, and puts the score first', () => {
    expect(judged).toMatchObject({ probes: 100, errors: 10 });
    expect(judged.measures[0]?.name).toBe('score');
  });
});
