import { expect, test } from 'vitest';
import { suppressByMinimum, suppressByUnion } from '../../../../detector/core/suppress-overlaps.ts';

const candidates = (boxes: readonly (readonly number[])[], scores: readonly number[]) => ({
  boxes: Float32Array.from(boxes.flat()),
  scores: Float32Array.from(scores),
});

test('by union: the better of two overlapping boxes stays, the distant one too, best first', () => {
  const given = candidates(
    [
      [0, 0, 10, 10],
      [1, 0, 11, 10],
      [50, 50, 60, 60],
    ],
    [0.7, 0.9, 0.8],
  );
  expect([...suppressByUnion(given, 0.5)]).toEqual([1, 2]);
});

test('by union: an overlap of exactly the threshold stays', () => {
  const given = candidates(
    [
      [0, 0, 10, 10],
      [0, 0, 10, 5],
    ],
    [0.9, 0.8],
  );
  expect([...suppressByUnion(given, 0.5)]).toEqual([0, 1]);
  expect([...suppressByUnion(given, 0.49)]).toEqual([0]);
});

test('by union: equal scores keep their order, so the first wins', () => {
  const given = candidates(
    [
      [0, 0, 10, 10],
      [0, 0, 10, 10],
    ],
    [1, 1],
  );
  expect([...suppressByUnion(given, 0.7)]).toEqual([0]);
});

test('by union: with a bound only the best are looked at, and the others do not stay', () => {
  const apart = candidates(
    [
      [0, 0, 9, 9],
      [20, 0, 29, 9],
      [40, 0, 49, 9],
    ],
    [0.5, 0.9, 0.7],
  );
  expect([...suppressByUnion(apart, 0.5, 2)]).toEqual([1, 2]);
});

test('by minimum: a small box inside a better one goes although their union is large', () => {
  const given = candidates(
    [
      [0, 0, 100, 100],
      [40, 40, 60, 60],
    ],
    [0.9, 0.8],
  );
  expect([...suppressByUnion(given, 0.7)]).toEqual([0, 1]);
  expect([...suppressByMinimum(given, 0.7)]).toEqual([0]);
});

test('by minimum: of equal scores the later wins', () => {
  const given = candidates(
    [
      [0, 0, 10, 10],
      [0, 0, 10, 10],
    ],
    [1, 1],
  );
  expect([...suppressByMinimum(given, 0.7)]).toEqual([1]);
});

test('nothing in, nothing out; a score that is no number never stays', () => {
  expect([...suppressByUnion(candidates([], []), 0.5)]).toEqual([]);
  const given = candidates(
    [
      [0, 0, 10, 10],
      [20, 20, 30, 30],
    ],
    [Number.NaN, 0.5],
  );
  expect([...suppressByUnion(given, 0.5)]).toEqual([1]);
});
