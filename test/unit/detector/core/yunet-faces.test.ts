import { describe, expect, it } from 'vitest';
import { decodeYunet, type YunetLevel } from '../../../../detector/core/yunet-faces.ts';

/** A level of 3 × 2 cells in which only cell `at` is sure. */
function level(
  stride: number,
  at: number,
  cls: number,
  obj: number,
  bbox: number[] = [],
  kps: number[] = [],
): YunetLevel {
  const place = (values: readonly number[], width: number): Float32Array => {
    const table = new Float32Array(6 * width);
    table.set(values, at * width);
    return table;
  };
  return { stride, columns: 3, cls: place([cls], 1), obj: place([obj], 1), bbox: place(bbox, 4), kps: place(kps, 10) };
}

describe('decodeYunet', () => {
  it('reckons boxes and landmarks in strides from the corner of the cell', () => {
    const points = [0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1];
    const faces = decodeYunet([level(8, 4, 1, 1, [0.5, 0.25, Math.log(2), Math.log(4)], points)], 0.7);
    // Cell 4 is column 1, row 1: its corner lies at (8, 8).
    expect([...faces.boxes]).toEqual([12 - 8, 10 - 16, 12 + 8, 10 + 16].map(value => expect.closeTo(value, 4)));
    expect([...faces.landmarks]).toEqual([8, 8, 16, 8, 12, 12, 8, 16, 16, 16]);
    expect([...faces.scores]).toEqual([1]);
  });

  it('scores by the root of both probabilities, and keeps what reaches the threshold, level by level', () => {
    const levels = [level(8, 0, 0.5, 0.98), level(16, 5, 0.49, 1), level(32, 2, 0.8, 0.8)];
    expect([...decodeYunet(levels, 0.7).scores]).toEqual([0.7, 0.7, 0.8].map(value => expect.closeTo(value, 6)));
    expect(decodeYunet(levels, 0.75).scores.length).toBe(1);
  });

  it('clamps probabilities that rounding has pushed out of [0, 1], and drops what is no number', () => {
    expect([...decodeYunet([level(8, 1, 1.0001, 1.5)], 0.7).scores]).toEqual([1]);
    expect(decodeYunet([level(8, 1, -0.9, -0.9), level(8, 1, Number.NaN, 1)], 0.1).scores.length).toBe(0);
  });

  it('gives nothing for no cells', () => {
    expect(decodeYunet([], 0.5)).toEqual({
      boxes: new Float32Array(),
      scores: new Float32Array(),
      landmarks: new Float32Array(),
    });
  });
});
