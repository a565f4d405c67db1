import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../../detector/errors.ts';
import { knownCodes } from '../../../../face_id_api/console/service/problem-words.js';

describe('the console', () => {
  it('has words for every code that the service answers with', () => {
    expect(errorCodes.filter(code => !knownCodes.includes(code))).toEqual([]);
  });
});
