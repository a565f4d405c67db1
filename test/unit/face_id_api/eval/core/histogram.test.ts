import { describe, expect, it } from 'vitest';
import { histogram } from '../../../../../face_id_api/eval/core/histogram.ts';

describe('histogram', () => {
  it('counts every score once, the ends and what lies outside too', () => {
    const scores = Float32Array.of(-2, 0, 0.24, 0.25, 0.75, 1, 3);
    expect(histogram(scores, { from: 0, to: 1, bins: 4 })).toEqual({ from: 0, binWidth: 0.25, counts: [3, 1, 0, 3] });
  });
});
