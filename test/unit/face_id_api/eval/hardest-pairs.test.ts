import { describe, expect, it } from 'vitest';
import { hardestPairs } from '../../../../face_id_api/eval/hardest-pairs.ts';
import { scoreImpostors, scoreListedPairs } from '../../../../face_id_api/eval/score-pairs.ts';
import { photoOf, syntheticPeople } from './synthetic-people.ts';

describe('hardestPairs', () => {
  it('finds the worst of either kind, worst first', () => {
    const { list, embeddings } = syntheticPeople(60);
    const impostors = scoreImpostors([...embeddings.keys()], embeddings);
    const { same, different } = hardestPairs(list, impostors, embeddings, 5);
    const genuine = scoreListedPairs(list.pairs, embeddings).same;
    expect(same.map(({ score }) => score)).toEqual([...genuine.toSorted()].slice(0, 5));
    const scores = different.map(({ score }) => score);
    expect(scores[0]).toBe(impostors.scores.toSorted().at(-1));
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores).toHaveLength(5);
  });

  it('shows two people once, by the pair of photos that resembles most', () => {
    const { list } = syntheticPeople(3);
    const embeddings = new Map([
      [photoOf('P0', 1), Float32Array.of(1, 0)],
      [photoOf('P0', 2), Float32Array.of(0.6, 0.8)],
      [photoOf('P1', 1), Float32Array.of(0, 1)],
      [photoOf('P1', 2), Float32Array.of(0.6, 0.8)],
    ]);
    const impostors = scoreImpostors([...embeddings.keys()], embeddings);
    const { different } = hardestPairs(list, impostors, embeddings, 5);
    expect(different).toMatchObject([{ first: photoOf('P0', 2), second: photoOf('P1', 2) }]);
  });
});
