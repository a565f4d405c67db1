import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../../detector/errors.ts';
import { knownCodes } from '../../../../face_id_api/console/service/problem-words.js';
import { measuresOf, qualityWords } from '../../../../face_id_api/console/service/quality-words.js';
import { measuredReasons } from '../../../../face_id_api/core/quality-faults.ts';

describe('the console', () => {
  it('has words for every code that the service answers with', () => {
    expect(errorCodes.filter(code => !knownCodes.includes(code))).toEqual([]);
  });

  it('has words for everything in which a face can fall short', () => {
    expect(Object.keys(qualityWords).sort()).toEqual([...measuredReasons].sort());
  });

  it('says what was measured on a face in a line', () => {
    const quality = {
      score: 0.5,
      sharpness: 0.427,
      brightness: 0.5,
      contrast: 0.1,
      noise: 0.01,
      yaw: -31.6,
      pitch: 12,
      roll: 3,
      box_side: 143.4,
      confidence: 0.99,
      reasons: [],
    };
    expect(measuresOf(quality)).toBe('Sharpness 0.43 · brightness 0.50 · turned 32° · 143 px');
  });
});
