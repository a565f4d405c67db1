import { expect, it } from 'vitest';
import type { Tables } from '../../../../face_id_api/store/change-gallery.ts';
import { createGallerySearch } from '../../../../face_id_api/store/gallery-search.ts';
import type { GalleryVectors } from '../../../../face_id_api/store/gallery-vectors.ts';
import type { Look, Nearest } from '../../../../face_id_api/store/nearest.ts';

/** Of two people with photos at these angles from the probe: keys are 10 · person + photo. */
const angles = [
  [0.5, 0.3, 0.1],
  [1.2, 1.3, 1.4],
];
const at = (angle: number): Float32Array => Float32Array.of(Math.cos(angle), Math.sin(angle));
const vectorOf = (key: number): Float32Array => at(angles[Math.floor(key / 10)]![key % 10]!);

/** Over an index that names these keys of as many as it says; `looks`: how it was asked. */
function start(size: number) {
  let found: Nearest;
  const looks: Look[] = [];
  const tables = {
    identities: {},
    templates: {
      owned: (_: number, key: number) => ({
        identity: Math.floor(key / 10),
        id: Math.floor(key / 10),
        vector: () => vectorOf(key),
      }),
      firstOf: (identity: number, count: number) => angles[identity]!.slice(0, count).map(at),
    },
    rejections: { any: () => false },
  } as unknown as Pick<Tables, 'identities' | 'templates' | 'rejections'>;
  const vectors: Pick<GalleryVectors, 'nearest'> = {
    async nearest(_, look, consume) {
      looks.push(look);
      return consume([], { ...found, effort: look.effort });
    },
  };
  const searchGallery = createGallerySearch(tables, () => vectors as GalleryVectors, 1);
  return {
    looks,
    async search(named: readonly number[]) {
      const scores = Float32Array.from(named, key => vectorOf(key)[0]!);
      found = { keys: Float64Array.from(named), scores, all: false, effort: 0, size };
      looks.length = 0;
      const [best] = await searchGallery(at(0), { topK: 1 });
      return best;
    },
  };
}

/** Somebody stands out of the others, and nobody does. */
const [known, unknown] = [
  [0, 10, 11, 12],
  [10, 11, 12],
];

it('compares all templates of whoever a large index names: it may have missed the nearest of them', async () => {
  expect(await start(1_000_000).search(known)).toEqual({ id: 0, score: expect.closeTo(Math.cos(0.1), 6) });
  expect(await start(100_000).search(known)).toEqual({ id: 0, score: expect.closeTo(Math.cos(0.5), 6) });
});

it('lets the index look further where nobody stands out, sees to it where it has not, and looks further at once where nearly all are strangers', async () => {
  const { search, looks } = start(100_000);
  await search(known);
  expect(looks).toHaveLength(1);
  await search(unknown);
  const [quick, thorough] = looks.map(({ effort }) => effort) as [number, number];
  expect([looks.length, thorough > 4 * quick]).toEqual([2, true]);
  expect(looks.map(({ further }) => further)).toEqual([thorough, thorough]);
  for (let n = 0; n < 40; n++) await search(unknown);
  expect(looks.map(({ effort }) => effort)).toEqual([thorough]);
  // Whoever is known is found as well; when some have been, the first look is quick again.
  expect(await search(known)).toMatchObject({ id: 0 });
  for (let n = 0; n < 5; n++) await search(known);
  expect(looks.map(({ effort }) => effort)).toEqual([quick]);
});
