import { describe, expect, it } from 'vitest';
import type { PairList } from '../../../../face_id_api/eval/lfw-folder.ts';
import { scoreFolds, scoreImpostors, scoreListedPairs } from '../../../../face_id_api/eval/score-pairs.ts';

const embeddings = new Map([
  ['Ann/Ann_0001.jpg', Float32Array.of(1, 0)],
  ['Ann/Ann_0002.jpg', Float32Array.of(0.6, 0.8)],
  ['Bob/Bob_0001.jpg', Float32Array.of(0, 1)],
]);
const same = { first: 'Ann/Ann_0001.jpg', second: 'Ann/Ann_0002.jpg', samePerson: true, set: 0, line: 2 };
const failed = { first: 'Ann/Ann_0001.jpg', second: 'Bob/Bob_0009.jpg', samePerson: false, set: 0, line: 3 };
const different = { first: 'Ann/Ann_0002.jpg', second: 'Bob/Bob_0001.jpg', samePerson: false, set: 1, line: 4 };

describe('scoreListedPairs', () => {
  it('scores the listed pairs and leaves out those without a face', () => {
    const scores = scoreListedPairs([same, failed], embeddings);
    expect([...scores.same]).toEqual([Math.fround(0.6)]);
    expect(scores.different.length).toBe(0);
  });
});

describe('scoreImpostors', () => {
  it('pairs every two people once, and no person with itself', () => {
    const { people, scores } = scoreImpostors([...embeddings.keys(), 'Eve/Eve_0001.jpg'], embeddings);
    expect([...people]).toEqual([0, 0, 1]);
    expect([...scores]).toEqual([0, Math.fround(0.8)]);
  });
});

describe('scoreFolds', () => {
  it('takes the sets of the list where it has several', () => {
    const folds = scoreFolds({ name: 'l', sets: 2, pairs: [same, failed, different] }, embeddings);
    expect(folds.map(fold => [fold.same.length, fold.different.length])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it('cuts another list into ten runs with every pair in one of them, a failed photo moving no other pair', () => {
    const pairs = [...Array(23).fill(same), ...Array(11).fill(different), failed] as PairList['pairs'];
    const folds = scoreFolds({ name: 'l', sets: 1, pairs }, embeddings);
    expect(folds.map(fold => fold.same.length)).toEqual([2, 2, 2, 3, 2, 2, 3, 2, 2, 3]);
    expect(folds.map(fold => fold.different.length)).toEqual([1, 1, 1, 1, 2, 1, 1, 1, 1, 1]);
  });
});
