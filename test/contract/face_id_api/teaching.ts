import { describe, expect, it } from 'vitest';
import type { Gallery } from '../../../face_id_api/store/store.ts';
import { maxDistinct, maxRejections } from '../../../face_id_api/store/teaching.ts';
import { at, expectVector, model, otherModel, type StoreHome, signal, startStore, templates } from './store.ts';

/** A template of another image each time. */
const face = (degrees: number, image = `${degrees}`) => ({
  vector: at(degrees),
  sourceSha256: image.padStart(64, '0'),
  detector: 'mtcnn',
});
const unknown = (degrees: number, seen: string) => ({ vector: at(degrees), detector: 'mtcnn', seen });
const day = (number: number): string => `2026-03-${String(number).padStart(2, '0')}T00:00:00.000Z`;
const always = day(1);

const nearest = async (gallery: Gallery, degrees: number, by: 'template' | 'person' = 'template') =>
  (await gallery.search([at(degrees)], { topK: 5, by, signal }))[0] ?? [];
const seenOf = async (gallery: Gallery, since = always): Promise<string[]> =>
  (await gallery.listUnknowns(since)).map(({ seen }) => seen);

/** What every store does with what it is taught. `keeps`: whether it outlives its process. */
export function teachingContract(
  name: string,
  makeHome: () => Promise<StoreHome>,
  { keeps }: { keeps: boolean },
): void {
  const start = () => startStore(makeHome);

  describe(`${name} and faces that are not an identity`, () => {
    it('says how near they are, for the identity that they belong to alone', async () => {
      const { gallery, put, reopen } = await start();
      await put('a', 'replace', at(0));
      await put('b', 'replace', at(40));
      expect((await nearest(gallery, 20)).map(candidate => 'rejection' in candidate)).toEqual([false, false]);
      const [added] = await gallery.reject('a', [face(25), face(90)]);
      expect(added).toMatchObject({ detector: 'mtcnn', fingerprint: model.fingerprint, created: expect.any(String) });
      expect(Object.keys(added ?? {})).not.toContain('vector');
      for (const by of ['template', 'person'] as const) {
        const [b, a] = await nearest(gallery, 25, by);
        expect([b?.id, a?.id]).toEqual(['b', 'a']);
        expect(a?.rejection).toBeCloseTo(1, 5);
        expect(b).not.toHaveProperty('rejection');
      }
      expect(await gallery.get('a')).toMatchObject({ templates: 1 });
      expect(await gallery.describe()).toMatchObject({ templates: 2 });
      if (!keeps) return;
      const again = await reopen();
      expect((await nearest(again.gallery, 90)).find(({ id }) => id === 'a')?.rejection).toBeCloseTo(1, 5);
    });

    it('lists them in their order, and erases one with a receipt', async () => {
      const { gallery, put } = await start();
      await put('a', 'replace', at(0));
      const [first] = await gallery.reject('a', [face(25)]);
      const [second] = await gallery.reject('a', [face(90)]);
      expect(await gallery.listRejections('a')).toEqual([first, second]);
      const erased = await gallery.removeRejection('a', first!.id);
      expect(erased).toMatchObject({ identities: 0, templates: 1 });
      expect(erased.places.length).toBeGreaterThan(0);
      expect(await gallery.listRejections('a')).toEqual([second]);
      const gone = { code: 'REJECTION_NOT_FOUND' };
      await expect(gallery.removeRejection('a', first!.id)).rejects.toMatchObject(gone);
      expect((await nearest(gallery, 25))[0]?.rejection).toBeCloseTo(Math.cos((65 / 180) * Math.PI), 5);
    });

    it('refuses what is nobody’s, out of bounds, or enrolled as the very identity, and changes nothing', async () => {
      const { gallery } = await start();
      await gallery.put({ id: 'a', mode: 'replace', templates: [face(0, 'same')] });
      const [enrolled] = await gallery.listTemplates('a');
      await expect(gallery.reject('nobody', [face(25)])).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
      await expect(gallery.listRejections('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
      await expect(gallery.reject('a', [])).rejects.toThrow(RangeError);
      await expect(gallery.reject('a', [{ ...face(0), vector: at(0, 3) }])).rejects.toThrow(/expected 4 values/);
      await expect(gallery.reject('a', [face(9), face(0, 'same')])).rejects.toMatchObject({
        code: 'ENROLLED_FACE',
        extra: { templates: [enrolled?.id] },
      });
      const many = Array.from({ length: maxRejections + 1 }, (_, i) => face(i));
      await expect(gallery.reject('a', many)).rejects.toMatchObject({ code: 'IDENTITY_FULL' });
      expect(await gallery.listRejections('a')).toEqual([]);
    });

    it('lets them go where the same image is enrolled afterwards: the last word counts', async () => {
      const { gallery, put } = await start();
      await put('a', 'replace', at(0));
      await gallery.reject('a', [face(25, 'changed-mind'), face(90)]);
      await gallery.put({ id: 'a', mode: 'append', templates: [face(25, 'changed-mind')] });
      expect(await gallery.listRejections('a')).toMatchObject([{ sourceSha256: face(90).sourceSha256 }]);
    });

    it('keeps them when the identity is enrolled anew, renamed or loses a template', async () => {
      const { gallery, put } = await start();
      await put('a', 'replace', at(0), at(1));
      const rejected = await gallery.reject('a', [face(25)]);
      await put('a', 'replace', at(2), at(3));
      await gallery.update('a', { name: 'Ada' });
      const [template] = await gallery.listTemplates('a');
      await gallery.removeTemplate('a', template!.id);
      expect(await gallery.listRejections('a')).toEqual(rejected);
    });

    it('gives them to the identity that theirs is merged into, and leaves them where a template is split off', async () => {
      const { gallery, put } = await start();
      await put('a', 'replace', at(0), at(1));
      await put('b', 'replace', at(2));
      const [first] = await gallery.reject('a', [face(25)]);
      const [template] = await gallery.listTemplates('a');
      await gallery.move({ templates: [template!.id], from: 'a', to: 'c', toNew: true });
      expect([await gallery.listRejections('a'), await gallery.listRejections('c')]).toEqual([[first], []]);
      const [second] = await gallery.reject('b', [face(90)]);
      await gallery.merge('a', 'b');
      expect(await gallery.listRejections('b')).toEqual([first, second]);
      expect((await nearest(gallery, 25)).find(({ id }) => id === 'b')?.rejection).toBeCloseTo(1, 5);
    });

    it('forgets them with their identity, and says so in the receipt', async () => {
      const { gallery, put } = await start();
      await put('a', 'replace', at(0));
      await gallery.reject('a', [face(25), face(90)]);
      const erased = await gallery.remove('a');
      expect(erased).toMatchObject({ identities: 1, templates: 1 });
      expect(erased.places).toContainEqual({ place: expect.stringMatching(/^rejected faces/), templates: 2 });
      await put('a', 'replace', at(0));
      expect(await gallery.listRejections('a')).toEqual([]);
      await gallery.reject('a', [face(25)]);
      const { places } = await gallery.removeAll();
      expect(places).toContainEqual({ place: expect.stringMatching(/^rejected faces/), templates: 1 });
      await put('a', 'replace', at(0));
      expect(await gallery.listRejections('a')).toEqual([]);
    });

    it('exports and imports them, and keeps those of whoever is imported without any', async () => {
      const { home, store, gallery, put } = await start();
      await put('a', 'replace', at(0));
      await put('plain', 'replace', at(50));
      const rejected = await gallery.reject('a', [face(25)]);
      const records = await Array.fromAsync(gallery.export());
      expect(records.map(record => record.rejections?.length)).toEqual([1, undefined]);
      expectVector(records[0]!.rejections![0]!.vector, at(25), home);
      await store.createGallery({ name: 'other', kind: 'face', model });
      const other = store.gallery('other');
      await other.import(records);
      expect(await other.listRejections('a')).toEqual(rejected);
      expect((await nearest(other, 25)).find(({ id }) => id === 'a')?.rejection).toBeCloseTo(1, 5);
      const { rejections: _, ...plain } = records[0]!;
      await other.import([plain]);
      expect(await other.listRejections('a')).toEqual(rejected);
      await other.import([{ ...plain, rejections: [] }]);
      expect(await other.listRejections('a')).toEqual([]);
    });
  });

  describe(`${name} and pairs of identities`, () => {
    it('gives everybody’s person vector, page by page', async () => {
      const { gallery, put } = await start();
      await put(2, 'replace', at(0), at(20));
      await put('b', 'replace', at(50));
      await put('empty', 'replace', at(90));
      const [template] = await gallery.listTemplates('empty');
      await gallery.removeTemplate('empty', template!.id);
      const first = await gallery.people({ limit: 1, after: null });
      expect(first.people.map(({ id }) => id)).toEqual([2]);
      expect(first.people[0]?.vector[1]).toBeCloseTo(Math.sin((10 / 180) * Math.PI), 5);
      expect(first.next).toBe(2);
      const rest = await gallery.people({ limit: 10, after: first.next });
      expect([rest.people.map(({ id }) => id), rest.next]).toEqual([['b'], null]);
    });

    it('gives nobody whose consent has expired', async () => {
      const { gallery, put } = await start();
      for (const [id, expires] of [
        ['a', null],
        ['b', '2026-01-02T00:00:00Z'],
        ['c', '2100-01-01T00:00:00Z'],
      ] as const) {
        await put(id, 'replace', at(0));
        await gallery.update(id, { consent: { purpose: 'door', given: '2026-01-01T00:00:00Z', expires } });
      }
      const first = await gallery.people({ limit: 2, after: null });
      expect(first.people.map(({ id }) => id)).toEqual(['a', 'c']);
      const rest = await gallery.people({ limit: 2, after: first.next });
      expect([rest.people, rest.next]).toEqual([[], null]);
    });

    it('remembers that two are two, whichever is named first, and forgets it when told to', async () => {
      const { gallery, put, reopen } = await start();
      for (const id of [2576, '2576', 'c']) await put(id, 'replace', at(0));
      await gallery.setDistinct('c', 2576, true);
      await gallery.setDistinct(2576, 'c', true);
      await gallery.setDistinct('2576', 'c', true);
      expect(await gallery.listDistinct('c')).toEqual([2576, '2576']);
      expect(await gallery.listDistinct(2576)).toEqual(['c']);
      await gallery.setDistinct('c', '2576', false);
      await gallery.setDistinct('c', '2576', false);
      expect(await gallery.listDistinct('c')).toEqual([2576]);
      expect(await gallery.listDistinct('2576')).toEqual([]);
      await put(2576, 'replace', at(10));
      await gallery.import(await Array.fromAsync(gallery.export()));
      expect(await gallery.listDistinct(2576)).toEqual(['c']);
      if (keeps) expect(await (await reopen()).gallery.listDistinct(2576)).toEqual(['c']);
    });

    it('refuses who is not there, or is the same', async () => {
      const { gallery, put } = await start();
      await put('a', 'replace', at(0));
      await expect(gallery.setDistinct('a', 'nobody', true)).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
      await expect(gallery.listDistinct('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
      await expect(gallery.setDistinct('a', 'a', true)).rejects.toThrow(RangeError);
      expect(maxDistinct).toBeGreaterThan(100);
    });

    it('follows a merger, and forgets whoever is erased', async () => {
      const { gallery, put } = await start();
      for (const id of ['a', 'b', 'c', 'd']) await put(id, 'replace', at(0));
      await gallery.setDistinct('a', 'c', true);
      await gallery.setDistinct('a', 'b', true);
      await gallery.setDistinct('d', 'c', true);
      await gallery.merge('a', 'b');
      expect(await gallery.listDistinct('b')).toEqual(['c']);
      expect(await gallery.listDistinct('c')).toEqual(['b', 'd']);
      await gallery.remove('c');
      expect([await gallery.listDistinct('b'), await gallery.listDistinct('d')]).toEqual([[], []]);
      // A new identity of an old id is somebody else.
      await put('c', 'replace', at(0));
      expect(await gallery.listDistinct('c')).toEqual([]);
    });
  });

  describe(`${name} and unknown faces`, () => {
    it('keeps them with their time, apart from who is enrolled and from other galleries', async () => {
      const { home, store, gallery, reopen } = await start();
      await store.createGallery({ name: 'team', kind: 'face', model });
      await gallery.keepUnknowns([unknown(20, day(2)), unknown(10, day(1))], 10);
      const kept = await gallery.listUnknowns(always);
      expect(kept.map(({ seen, detector }) => [seen, detector])).toEqual([
        [day(1), 'mtcnn'],
        [day(2), 'mtcnn'],
      ]);
      expectVector(kept[0]!.vector, at(10), home);
      expect(await gallery.oldestUnknown()).toBe(day(1));
      expect(new Set(kept.map(({ id }) => id)).size).toBe(2);
      expect(await nearest(gallery, 10)).toEqual([]);
      expect(await gallery.describe()).toMatchObject({ identities: 0, templates: 0 });
      expect(await store.gallery('team').listUnknowns(always)).toEqual([]);
      expect(await store.gallery('team').oldestUnknown()).toBeNull();
      if (keeps) expect(await (await reopen()).gallery.listUnknowns(always)).toEqual(kept);
    });

    it('is not changed by what the caller does with a vector afterwards', async () => {
      const { home, gallery } = await start();
      const given = unknown(10, day(1));
      await gallery.keepUnknowns([given], 10);
      given.vector.fill(0);
      expectVector((await gallery.listUnknowns(always))[0]!.vector, at(10), home);
    });

    it('lets the oldest go beyond the most that it may keep', async () => {
      const { gallery } = await start();
      await gallery.keepUnknowns([unknown(1, day(3)), unknown(2, day(1)), unknown(3, day(2))], 10);
      await gallery.keepUnknowns([unknown(4, day(4))], 2);
      expect(await seenOf(gallery)).toEqual([day(3), day(4)]);
      await expect(gallery.keepUnknowns([{ ...unknown(1, day(5)), vector: at(1, 3) }], 2)).rejects.toThrow(RangeError);
    });

    it('shows nothing that is past its term, and erases it', async () => {
      const { gallery } = await start();
      await gallery.keepUnknowns([unknown(1, day(1)), unknown(2, day(2)), unknown(3, day(3))], 10);
      expect(await seenOf(gallery, day(2))).toEqual([day(2), day(3)]);
      const erased = await gallery.removeUnknowns({ seenBefore: day(2) });
      expect(erased).toMatchObject({ identities: 0, templates: 1 });
      expect(await seenOf(gallery)).toEqual([day(2), day(3)]);
      expect(await gallery.removeUnknowns({ seenBefore: day(2) })).toMatchObject({ templates: 0 });
    });

    it('erases those that are named', async () => {
      const { gallery } = await start();
      await gallery.keepUnknowns([unknown(1, day(1)), unknown(2, day(2))], 10);
      const [first] = await gallery.listUnknowns(always);
      const erased = await gallery.removeUnknowns({ ids: [first!.id, 'no such face'] });
      expect(erased).toMatchObject({ templates: 1 });
      expect(erased.places.length).toBeGreaterThan(0);
      expect(await seenOf(gallery)).toEqual([day(2)]);
    });

    it('enrols some of them, and takes all that are named away with that', async () => {
      const { gallery, put } = await start();
      await put('a', 'replace', at(0));
      await gallery.keepUnknowns([unknown(80, day(1)), unknown(81, day(2)), unknown(10, day(3))], 10);
      const [first, second] = await gallery.listUnknowns(always);
      const ids = [first!.id, second!.id];
      const fields = { name: 'Eve' };
      const eve = { id: 'eve', mode: 'append', templates: [face(80)], fields } as const;
      expect(await gallery.enrolUnknowns(eve, ids)).toEqual({ templates: 1 });
      expect(await gallery.get('eve')).toMatchObject({ name: 'Eve', templates: 1 });
      expect((await nearest(gallery, 80))[0]?.id).toBe('eve');
      expect(await seenOf(gallery)).toEqual([day(3)]);
      await expect(gallery.enrolUnknowns({ ...eve, id: 'twice' }, ids)).rejects.toMatchObject({
        code: 'CLUSTER_NOT_FOUND',
      });
      expect(await gallery.get('twice')).toBeNull();
    });

    it('enrols none of them without a consent where one is required, and loses none then', async () => {
      const { gallery } = await startStore(makeHome, { requireConsent: true });
      await gallery.keepUnknowns([unknown(80, day(1))], 10);
      const ids = (await gallery.listUnknowns(always)).map(({ id }) => id);
      const eve = { id: 'eve', mode: 'append', templates: [face(80)] } as const;
      await expect(gallery.enrolUnknowns(eve, ids)).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
      expect(await seenOf(gallery)).toEqual([day(1)]);
      const consent = { purpose: 'door', given: '2026-01-01T00:00:00Z', expires: null };
      expect(await gallery.enrolUnknowns({ ...eve, fields: { consent } }, ids)).toEqual({ templates: 1 });
      expect(await seenOf(gallery)).toEqual([]);
    });

    it.each(['removeAll', 'deleteGallery'] as const)('forgets them by %s, and says so', async how => {
      const { store, gallery, put } = await start();
      await put('a', 'replace', at(0));
      await gallery.keepUnknowns([unknown(1, day(1)), unknown(2, day(2))], 10);
      const { places } = how === 'removeAll' ? await gallery.removeAll() : await store.deleteGallery('default');
      expect(places).toContainEqual({ place: expect.stringMatching(/^unknown faces/), templates: 2 });
      expect(await gallery.listUnknowns(always)).toEqual([]);
    });

    it.skipIf(!keeps)('drops them, and rejected faces, where an empty gallery takes another model', async () => {
      const { gallery, put, reopen } = await start();
      await put('a', 'replace', at(0));
      await gallery.reject('a', [face(25)]);
      await gallery.keepUnknowns([unknown(1, day(1))], 10);
      const other = await reopen(otherModel);
      const mismatch = { code: 'MODEL_MISMATCH' };
      await expect(other.gallery.listUnknowns(always)).rejects.toMatchObject(mismatch);
      await expect(other.gallery.reject('a', [{ ...face(1), vector: at(1, 6) }])).rejects.toMatchObject(mismatch);
      await expect(other.gallery.keepUnknowns([{ ...unknown(1, day(1)), vector: at(1, 6) }], 10)).rejects.toMatchObject(
        mismatch,
      );
      const [template] = await other.gallery.listTemplates('a');
      await other.gallery.removeTemplate('a', template!.id);
      expect(await other.gallery.listUnknowns(always)).toEqual([]);
      await other.gallery.put({ id: 'b', mode: 'replace', templates: templates(at(0, 6)) });
      expect(await other.gallery.listRejections('a')).toEqual([]);
      expect(await other.gallery.listUnknowns(always)).toEqual([]);
      await other.gallery.reject('a', [{ ...face(1), vector: at(1, 6) }]);
      expect(await other.gallery.listRejections('a')).toMatchObject([{ fingerprint: otherModel.fingerprint }]);
    });
  });
}
