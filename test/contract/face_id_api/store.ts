import { describe, expect, it, onTestFinished } from 'vitest';
import type { IdentityId } from '../../../face_id_api/core/identity-id.ts';
import {
  defaultGallery,
  type Gallery,
  type GalleryModel,
  type IdentityRecord,
  type NewTemplate,
  type Store,
} from '../../../face_id_api/store/store.ts';

export const model: GalleryModel = { name: 'embedder', fingerprint: 'fp-1', dimension: 4 };
export const otherModel: GalleryModel = { name: 'other', fingerprint: 'fp-2', dimension: 6 };

/** A unit vector in the plane of the first two axes, at `degrees` from the first. */
export function at(degrees: number, dimension = 4): Float32Array {
  const vector = new Float32Array(dimension);
  vector[0] = Math.cos((degrees / 180) * Math.PI);
  vector[1] = Math.sin((degrees / 180) * Math.PI);
  return vector;
}

export function templates(...vectors: Float32Array[]): NewTemplate[] {
  return vectors.map(vector => ({ vector, sourceSha256: 'ab'.repeat(32), detector: 'mtcnn' }));
}

/** Galleries that outlive the stores opened over them. */
export type StoreHome = {
  readonly open: (as?: GalleryModel, rules?: StoreRules) => Promise<Store>;
  readonly drop: () => Promise<void>;
  /** Whether a vector comes back rounded, as one that was turned does. */
  readonly rounds?: boolean;
};

export type StoreRules = { readonly requireConsent?: boolean };

/** That a vector has come back, to the bit or, where it was turned, to rounding. */
export function expectVector(
  found: Float32Array,
  put: Float32Array,
  { rounds = false }: Pick<StoreHome, 'rounds'>,
): void {
  if (!rounds) return void expect([...found]).toEqual([...put]);
  expect(found).toHaveLength(put.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(put[i]!, 6);
}

/** As `expectVector`, of whole identities. */
export function expectRecords(found: readonly IdentityRecord[], put: readonly IdentityRecord[], home: StoreHome): void {
  const bare = (records: readonly IdentityRecord[]) =>
    records.map(record => ({ ...record, templates: record.templates.map(({ vector: _, ...rest }) => rest) }));
  expect(bare(found)).toEqual(bare(put));
  for (const [i, { templates: held }] of found.entries()) {
    for (const [k, { vector }] of held.entries()) expectVector(vector, put[i]!.templates[k]!.vector, home);
  }
}

/** That two galleries with the same people answer alike, to rounding where each is turned its own way. */
export function expectAnswers(found: Answers, expected: Answers, { rounds = false }: Pick<StoreHome, 'rounds'>): void {
  if (!rounds) return void expect(found).toEqual(expected);
  const near = expected.map(one => one.map(({ id, score }) => ({ id, score: expect.closeTo(score, 5) })));
  expect(found).toEqual(near);
}

type Answers = Awaited<ReturnType<Gallery['search']>>;

export const signal = new AbortController().signal;

/** A store over galleries of its own, both gone when the test ends. `reopen` closes it and opens another over the same. */
export async function startStore(makeHome: () => Promise<StoreHome>, rules: StoreRules = {}) {
  const home = await makeHome();
  let store = await home.open(model, rules);
  onTestFinished(async () => {
    await store.close();
    await home.drop();
  });
  /** The default gallery of the store that is open. */
  const gallery = (): Gallery => store.gallery(defaultGallery);
  return {
    home,
    get store() {
      return store;
    },
    get gallery() {
      return gallery();
    },
    reopen: async (as?: GalleryModel) => {
      await store.close();
      store = await home.open(as);
      // Answers once everything is read.
      await gallery().describe();
      return { store, gallery: gallery() };
    },
    put: (id: IdentityId, mode: 'replace' | 'append', ...vectors: Float32Array[]) =>
      gallery().put({ id, mode, templates: templates(...vectors) }),
    nearest: async (probe: Float32Array, topK = 1) => (await gallery().search([probe], { topK, signal }))[0],
  };
}

/** What every store does with one gallery. `keeps`: whether it outlives its process. */
export function storeContract(name: string, makeHome: () => Promise<StoreHome>, { keeps }: { keeps: boolean }): void {
  const start = () => startStore(makeHome);

  describe(`${name} as a store`, () => {
    it('finds nobody in an empty gallery', async () => {
      const { nearest, gallery } = await start();
      expect(await nearest(at(0))).toEqual([]);
      expect(await gallery.search([], { topK: 1, signal })).toEqual([]);
    });

    it('knows how many it holds', async () => {
      const { put, gallery, reopen } = await start();
      expect(await gallery.describe()).toMatchObject({ identities: 0, templates: 0 });
      await put(1, 'replace', at(10), at(20));
      await put('1', 'replace', at(30));
      expect(await gallery.describe()).toMatchObject({ identities: 2, templates: 3 });
      await put(1, 'replace', at(10));
      expect(await gallery.describe()).toMatchObject({ identities: 2, templates: 2 });
      await gallery.remove('1');
      expect(await gallery.describe()).toMatchObject({ identities: 1, templates: 1 });
      // Another model's templates are there all the same.
      if (keeps)
        expect(await (await reopen(otherModel)).gallery.describe()).toMatchObject({ identities: 1, templates: 1 });
    });

    it('ranks identities by the nearest of their templates', async () => {
      const { put, nearest } = await start();
      await put('far', 'replace', at(80), at(50));
      await put('near', 'replace', at(170), at(10));
      const found = (await nearest(at(0), 5)) ?? [];
      expect(found.map(({ id }) => id)).toEqual(['near', 'far']);
      expect(found[0]?.score).toBeCloseTo(Math.cos((10 / 180) * Math.PI), 6);
      expect(found[1]?.score).toBeCloseTo(Math.cos((50 / 180) * Math.PI), 6);
      expect(await nearest(at(0), 1)).toHaveLength(1);
    });

    it('answers every probe in its place', async () => {
      const { put, gallery } = await start();
      await put(1, 'replace', at(0));
      await put(2, 'replace', at(90));
      const found = await gallery.search([at(85), at(5), at(80)], { topK: 1, signal });
      expect(found.map(candidates => candidates[0]?.id)).toEqual([2, 1, 2]);
    });

    it('answers a crowd as it answers each face by itself', async () => {
      const { put, gallery, nearest } = await start();
      for (let id = 0; id < 30; id++) await put(id, 'replace', at(12 * id));
      const crowd = Array.from({ length: 50 }, (_, i) => at(7 * i + 1));
      const ids = (found: readonly { readonly id: IdentityId }[] | undefined) => found?.map(({ id }) => id);
      const alone = [];
      for (const probe of crowd) alone.push(ids(await nearest(probe, 2)));
      expect((await gallery.search(crowd, { topK: 2, signal })).map(ids)).toEqual(alone);
    });

    it('orders equal scores by id, integers before strings', async () => {
      const { put, nearest } = await start();
      for (const id of ['b', 10, 'a', 9]) await put(id, 'replace', at(30));
      expect((await nearest(at(0), 3))?.map(({ id }) => id)).toEqual([9, 10, 'a']);
    });

    it('keeps the type of an id', async () => {
      const { put, gallery } = await start();
      await put(2576, 'replace', at(0));
      await put('2576', 'replace', at(90), at(80));
      expect(await gallery.get(2576)).toMatchObject({ id: 2576, templates: 1 });
      expect(await gallery.get('2576')).toMatchObject({ id: '2576', templates: 2 });
      expect(await gallery.remove('2576')).toMatchObject({ identities: 1, templates: 2 });
      expect(await gallery.get(2576)).toMatchObject({ id: 2576 });
    });

    it('holds the smallest and the largest ids', async () => {
      const { put, gallery } = await start();
      for (const id of [0, Number.MAX_SAFE_INTEGER, '-', 'z'.repeat(128)]) {
        await put(id, 'replace', at(0));
        expect((await gallery.get(id))?.id).toBe(id);
      }
    });

    it('replaces or adds templates, and counts them', async () => {
      const { put, nearest } = await start();
      expect(await put('a', 'append', at(0))).toMatchObject({ templates: 1 });
      expect(await put('a', 'append', at(90), at(45))).toMatchObject({ templates: 3 });
      expect((await nearest(at(0)))?.[0]?.score).toBeCloseTo(1, 6);
      expect(await put('a', 'replace', at(90))).toMatchObject({ templates: 1 });
      expect((await nearest(at(0)))?.[0]?.score).toBeCloseTo(0, 6);
    });

    it('finds the same after others came and went', async () => {
      const { put, gallery, nearest } = await start();
      for (let i = 0; i < 20; i++) await put(i, 'replace', at(i * 9), at(i * 9 + 180));
      for (let i = 0; i < 20; i += 2) await gallery.remove(i);
      await put(100, 'replace', at(40));
      expect((await nearest(at(41)))?.[0]?.id).toBe(100);
      expect((await nearest(at(27)))?.[0]?.id).toBe(3);
      expect((await nearest(at(18), 30))?.map(({ id }) => id).filter(id => Number(id) % 2 === 0)).toEqual([100]);
    });

    it('is not changed by what the caller does with a vector afterwards', async () => {
      const { put, nearest } = await start();
      const vector = at(0);
      await put('a', 'replace', vector);
      vector.fill(0);
      expect((await nearest(at(0)))?.[0]?.score).toBeCloseTo(1, 6);
    });

    it('lists in pages that neither repeat nor skip when others are added', async () => {
      const { put, gallery } = await start();
      for (const id of [5, 'm', 3, 'c']) await put(id, 'replace', at(0));
      const first = await gallery.list({ limit: 2, after: null });
      expect(first).toMatchObject({ identities: [{ id: 3 }, { id: 5 }], hasMore: true });
      await put(1, 'replace', at(0));
      await put('a', 'replace', at(0));
      const second = await gallery.list({ limit: 10, after: 5 });
      expect(second).toMatchObject({ identities: [{ id: 'a' }, { id: 'c' }, { id: 'm' }], hasMore: false });
    });

    it('tells when an identity was made and last changed', async () => {
      const { put, gallery } = await start();
      await put('a', 'replace', at(0));
      const before = await gallery.get('a');
      await put('a', 'append', at(1));
      const after = await gallery.get('a');
      expect(new Date(before?.created ?? '').toISOString()).toBe(before?.created);
      expect(after?.created).toBe(before?.created);
      expect(Date.parse(after?.updated ?? '')).toBeGreaterThanOrEqual(Date.parse(before?.updated ?? ''));
    });

    it('removes one or everybody, and says how many', async () => {
      const { put, gallery, nearest } = await start();
      await put('a', 'replace', at(0), at(1));
      await put('b', 'replace', at(2));
      expect(await gallery.remove('nobody')).toMatchObject({ identities: 0, templates: 0 });
      expect(await gallery.remove('a')).toMatchObject({ identities: 1, templates: 2 });
      expect(await gallery.get('a')).toBeNull();
      expect((await nearest(at(0)))?.[0]?.id).toBe('b');
      expect(await gallery.removeAll()).toMatchObject({ identities: 1, templates: 1 });
      expect(await gallery.removeAll()).toMatchObject({ identities: 0, templates: 0 });
      expect(await nearest(at(0))).toEqual([]);
      await put('c', 'replace', at(0));
      expect((await nearest(at(0)))?.[0]?.id).toBe('c');
    });

    it('refuses what is no vector of its model, and changes nothing', async () => {
      const { put, gallery } = await start();
      await expect(put('a', 'replace', at(0, 3))).rejects.toThrow(/expected 4 values, got 3/);
      await expect(put('a', 'replace', at(Number.NaN))).rejects.toThrow(/finite/);
      await expect(put('a', 'replace')).rejects.toThrow(/at least one/);
      expect(await gallery.get('a')).toBeNull();
      await expect(gallery.search([at(0, 5)], { topK: 1, signal })).rejects.toThrow(/expected 4 values, got 5/);
    });

    it('stops a search whose request is over', async () => {
      const { gallery } = await start();
      await expect(gallery.search([at(0)], { topK: 1, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    });

    it('says that it is ready', async () => {
      const { store } = await start();
      expect(await store.ready()).toEqual({ ok: true });
    });
  });

  describe.skipIf(!keeps)(`${name} as a store that outlives its process${keeps ? '' : ' (it does not)'}`, () => {
    it('finds after a restart what was put before, and not what was removed', async () => {
      const { put, gallery, reopen, nearest } = await start();
      await put('a', 'replace', at(0), at(20));
      await put(7, 'replace', at(90));
      await put('gone', 'replace', at(10));
      await gallery.remove('gone');
      const before = await nearest(at(12), 5);
      await reopen();
      expect(await nearest(at(12), 5)).toEqual(before);
      expect(before?.map(({ id }) => id)).toEqual(['a', 7]);
    });

    it('refuses another model’s vectors, says what to do, and still lists and removes', async () => {
      const { put, reopen } = await start();
      await put('a', 'replace', at(0));
      const { store, gallery } = await reopen(otherModel);
      const mismatch = {
        code: 'MODEL_MISMATCH',
        message: expect.stringMatching(/set models\.embedder to embedder,.*changing-the-model.*confirm=all/),
      };
      await expect(gallery.search([at(0, 6)], { topK: 1, signal })).rejects.toMatchObject(mismatch);
      const b = { id: 'b', mode: 'replace', templates: templates(at(0, 6)) } as const;
      await expect(gallery.put(b)).rejects.toMatchObject(mismatch);
      expect(await store.ready()).toMatchObject({ ok: false, reason: mismatch.message });
      expect((await gallery.list({ limit: 5, after: null })).identities).toHaveLength(1);
      const first = await reopen();
      expect((await first.gallery.search([at(0)], { topK: 1, signal }))[0]?.[0]?.id).toBe('a');
    });

    it.each(['remove', 'removeAll'] as const)('takes another model once %s has emptied it', async how => {
      const { put, reopen } = await start();
      await put('a', 'replace', at(0));
      const { gallery } = await reopen(otherModel);
      await (how === 'remove' ? gallery.remove('a') : gallery.removeAll());
      await gallery.put({ id: 'b', mode: 'replace', templates: templates(at(0, 6)) });
      expect((await gallery.search([at(0, 6)], { topK: 1, signal }))[0]?.[0]?.id).toBe('b');
      expect((await (await reopen(otherModel)).store.ready()).ok).toBe(true);
      expect((await (await reopen(model)).store.ready()).ok).toBe(false);
    });

    it('lets an empty gallery be opened by any model', async () => {
      const { reopen } = await start();
      expect((await (await reopen(otherModel)).store.ready()).ok).toBe(true);
      expect((await (await reopen(model)).store.ready()).ok).toBe(true);
    });
  });
}
