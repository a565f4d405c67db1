import { describe, expect, it } from 'vitest';
import { enrolPeople, searchPhotos } from '../../../../../face_id_api/eval/open-set/search-gallery.ts';

const axis = (index: number): Float32Array => Float32Array.from({ length: 4 }, (_, i) => (i === index ? 1 : 0));
const half = Math.fround(Math.SQRT1_2);
const between = Float32Array.of(half, half, 0, 0);

const photos = {
  root: '',
  people: [
    { enrolled: ['a1', 'a2'], probes: ['a3', 'a4'] },
    { enrolled: ['b1'], probes: ['b2'] },
    { enrolled: ['c1'], probes: ['c2'] },
  ],
  strangers: ['s1', 's2'],
};
const embeddings = new Map([
  ['a1', axis(0)],
  ['a2', axis(3)],
  ['a3', axis(3)],
  ['b1', axis(1)],
  ['b2', between],
  ['c2', axis(2)],
  ['s1', between],
]);

describe('searchPhotos', () => {
  const gallery = enrolPeople(photos, embeddings);
  const { mated, nonMated } = searchPhotos(photos, gallery, embeddings);

  it('scores a person by the nearest template', () => {
    expect(gallery.map(({ length }) => length)).toEqual([2, 1, 0]);
    expect(mated[0]).toEqual({ person: 0, scores: { mate: 1, other: 0 } });
  });

  it('keeps the nearest of anybody else', () => {
    expect(mated[2]).toEqual({ person: 1, scores: { mate: half, other: half } });
  });

  it('has no scores for a photo without a face, nor for a person without a template', () => {
    expect(mated[1]).toEqual({ person: 0, scores: null });
    expect(mated[3]).toEqual({ person: 2, scores: null });
  });

  it('keeps of a stranger the nearest of all', () => {
    expect(nonMated).toEqual([{ best: half }, { best: null }]);
  });
});
