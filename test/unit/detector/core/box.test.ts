import { expect, test } from 'vitest';
import { boxArea, intersectionOverUnion } from '../../../../detector/core/box.ts';
import { largestFirst } from '../../../../detector/core/largest-first.ts';
import { face } from '../sample-face.ts';

test('an empty or inverted box has no area', () => {
  expect(boxArea([0, 0, 4, 3])).toBe(12);
  expect(boxArea([4, 0, 0, 3])).toBe(0);
  expect(boxArea([2, 2, 2, 9])).toBe(0);
});

test('overlap is 1 with itself, 0 apart or touching, a third for half-shifted squares', () => {
  expect(intersectionOverUnion([0, 0, 2, 2], [0, 0, 2, 2])).toBe(1);
  expect(intersectionOverUnion([0, 0, 2, 2], [2, 0, 4, 2])).toBe(0);
  expect(intersectionOverUnion([0, 0, 2, 2], [1, 0, 3, 2])).toBeCloseTo(1 / 3);
  expect(intersectionOverUnion([1, 1, 1, 1], [1, 1, 1, 1])).toBe(0);
});

test('faces come largest first, equal areas by confidence, and the largest are kept', () => {
  const small = face([0, 0, 5, 5]);
  const sure = face([0, 0, 10, 10], 0.99);
  const unsure = face([5, 5, 15, 15], 0.8);
  expect(largestFirst([small, unsure, sure], 10)).toEqual([sure, unsure, small]);
  expect(largestFirst([small, unsure, sure], 1)).toEqual([sure]);
  expect(largestFirst([], 3)).toEqual([]);
});
