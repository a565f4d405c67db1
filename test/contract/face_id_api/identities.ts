import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../../face_id_api/core/identity-fields.ts';
import type { IdentityId } from '../../../face_id_api/core/identity-id.ts';
import type { Gallery, IdentityRecord, Template } from '../../../face_id_api/store/store.ts';
import {
  at,
  expectAnswers,
  expectRecords,
  expectVector,
  model,
  type StoreHome,
  signal,
  startStore,
  templates,
} from './store.ts';

/** What every store does with names, metadata and single templates. */
export function identitiesContract(name: string, makeHome: () => Promise<StoreHome>): void {
  const start = () => startStore(makeHome);

  const idsOf = async (gallery: Gallery, id: IdentityId): Promise<string[]> =>
    (await gallery.listTemplates(id)).map(template => template.id);
  const who = async (gallery: Gallery, degrees: number): Promise<IdentityId | undefined> =>
    (await gallery.search([at(degrees)], { topK: 1, signal }))[0]?.[0]?.id;

  describe(`${name} and the fields of an identity`, () => {
    it('has none at first, takes them with an enrolment, and keeps them through the next', async () => {
      const { gallery, put } = await start();
      await put('plain', 'replace', at(0));
      expect(await gallery.get('plain')).toMatchObject({ name: null, metadata: {} });
      const fields = { name: 'Ada Lovelace', metadata: { team: 'engines', badge: 12, active: true } };
      await gallery.put({ id: 'ada', mode: 'replace', templates: templates(at(10)), fields });
      await put('ada', 'replace', at(20));
      expect(await gallery.get('ada')).toMatchObject({ ...fields, templates: 1 });
    });

    it('changes what a patch names, and clears what is null', async () => {
      const { gallery, put } = await start();
      await put(1, 'replace', at(0));
      const made = await gallery.get(1);
      await gallery.update(1, { name: 'Ada', metadata: { a: 1, b: 'two' } });
      expect(await gallery.update(1, { metadata: { a: null, c: false } })).toMatchObject({
        name: 'Ada',
        metadata: { b: 'two', c: false },
      });
      const cleared = await gallery.update(1, { name: null, metadata: null });
      expect(cleared).toMatchObject({ name: null, metadata: {}, created: made?.created, templates: 1 });
      expect(await gallery.get(1)).toEqual(cleared);
      expect(await who(gallery, 0)).toBe(1);
    });

    it('refuses fields out of bounds, and changes nothing', async () => {
      const { gallery, put } = await start();
      await put(1, 'replace', at(0));
      await gallery.update(1, { name: 'Ada', metadata: { a: 1 } });
      const many = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`k${i}`, i]));
      for (const patch of [
        { name: '' },
        { name: 'x'.repeat(257) },
        { name: '\ud800' },
        { metadata: { 'a b': 1 } },
        { metadata: { a: 'x'.repeat(257) } },
        { metadata: { a: Number.NaN } },
        { metadata: many },
      ]) {
        await expect(gallery.update(1, patch)).rejects.toThrow(RangeError);
      }
      expect(await gallery.get(1)).toMatchObject({ name: 'Ada', metadata: { a: 1 } });
    });

    it('lists by name, exactly or by its beginning, in any case', async () => {
      const { gallery, put } = await start();
      const names = { 3: 'Ada Lovelace', 1: 'ADA', 2: 'Bert', 4: 'Ädä', 5: 'ada lovelace' };
      for (const [id, text] of Object.entries(names)) {
        await put(Number(id), 'replace', at(0));
        await gallery.update(Number(id), { name: text });
      }
      await put(6, 'replace', at(0));
      const found = async (text: string, match: 'exact' | 'prefix', limit = 10, after: number | null = null) => {
        const { identities, hasMore } = await gallery.list({ limit, after, name: { text, match } });
        return [identities.map(({ id }) => id), hasMore];
      };
      expect(await found('Ada', 'exact')).toEqual([[1], false]);
      expect(await found('ada lovelace', 'exact')).toEqual([[3, 5], false]);
      expect(await found('aDa', 'prefix')).toEqual([[1, 3, 5], false]);
      expect(await found('ada', 'prefix', 2)).toEqual([[1, 3], true]);
      expect(await found('ada', 'prefix', 2, 3)).toEqual([[5], false]);
      expect(await found('äDÄ', 'exact')).toEqual([[4], false]);
      expect(await found('%', 'prefix')).toEqual([[], false]);
    });

    it('lists by metadata, every entry named, values as text', async () => {
      const { gallery, put } = await start();
      const metadata: Metadata[] = [{ team: 'a', n: 12 }, { team: 'a', n: '12' }, { team: 'b', n: 12 }, {}];
      for (const [id, fields] of metadata.entries()) {
        await put(id, 'replace', at(0));
        await gallery.update(id, { metadata: fields, name: 'Same' });
      }
      const found = async (wanted: Record<string, string>) =>
        (await gallery.list({ limit: 10, after: null, metadata: wanted })).identities.map(({ id }) => id);
      expect(await found({ team: 'a' })).toEqual([0, 1]);
      expect(await found({ n: '12' })).toEqual([0, 1, 2]);
      expect(await found({ n: '12', team: 'b' })).toEqual([2]);
      expect(await found({ n: '1' })).toEqual([]);
      await gallery.update(1, { metadata: { team: null } });
      expect(await found({ team: 'a' })).toEqual([0]);
      const both = { limit: 10, after: 0, name: { text: 'same', match: 'exact' }, metadata: { n: '12' } } as const;
      expect((await gallery.list(both)).identities.map(({ id }) => id)).toEqual([1, 2]);
    });
  });

  describe(`${name} and single templates`, () => {
    it('gives every template an id, and reads it with its vector and its origin', async () => {
      const { gallery, home } = await start();
      const { added } = await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0), at(10)) });
      expect(await idsOf(gallery, 'a')).toEqual(added);
      const read = await gallery.readTemplate('a', added[1]!);
      expectVector(read.vector, at(10), home);
      expect(read).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        fingerprint: model.fingerprint,
        sourceSha256: 'ab'.repeat(32),
        detector: 'mtcnn',
      });
      expect(new Date(read.created).toISOString()).toBe(read.created);
    });

    it('removes one, and keeps the identity when it was the last', async () => {
      const { gallery } = await start();
      const { added } = await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0), at(80)) });
      const erased = await gallery.removeTemplate('a', added[0]!);
      expect(erased).toMatchObject({ identities: 0, templates: 1 });
      expect(erased.places.length).toBeGreaterThan(0);
      expect((await gallery.search([at(0)], { topK: 1, signal }))[0]?.[0]?.score).toBeCloseTo(
        Math.cos((80 * Math.PI) / 180),
        6,
      );
      await gallery.update('a', { name: 'Ada' });
      await gallery.removeTemplate('a', added[1]!);
      expect(await gallery.get('a')).toMatchObject({ name: 'Ada', templates: 0 });
      expect(await who(gallery, 0)).toBeUndefined();
      expect(await gallery.describe()).toMatchObject({ identities: 1, templates: 0 });
    });

    it('names what is not there', async () => {
      const { gallery } = await start();
      const { added } = await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0)) });
      await gallery.put({ id: 'b', mode: 'append', templates: templates(at(90)) });
      const [template = ''] = added;
      const unknown = { code: 'UNKNOWN_ID' };
      await expect(gallery.update('x', { name: 'X' })).rejects.toMatchObject(unknown);
      await expect(gallery.listTemplates('x')).rejects.toMatchObject(unknown);
      await expect(gallery.merge('a', 'x')).rejects.toMatchObject(unknown);
      await expect(gallery.merge('x', 'a')).rejects.toMatchObject(unknown);
      const move = { templates: [template], from: 'a', to: 'x', toNew: false };
      await expect(gallery.move(move)).rejects.toMatchObject(unknown);
      await expect(gallery.move({ ...move, to: 'b', toNew: true })).rejects.toMatchObject({ code: 'IDENTITY_EXISTS' });
      const missing = { code: 'TEMPLATE_NOT_FOUND' };
      await expect(gallery.readTemplate('b', template)).rejects.toMatchObject(missing);
      await expect(gallery.removeTemplate('b', template)).rejects.toMatchObject(missing);
      await expect(gallery.move({ ...move, from: 'b', to: 'a' })).rejects.toMatchObject(missing);
      await expect(gallery.merge('a', 'a')).rejects.toThrow(/two different/);
      expect((await gallery.list({ limit: 9, after: null })).identities.map(one => one.templates)).toEqual([1, 1]);
    });

    it('re-assigns templates, which keep their ids', async () => {
      const { gallery, put } = await start();
      const { added } = await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0), at(60)) });
      await put('b', 'append', at(120));
      const moved = await gallery.move({ templates: [added[1]!], from: 'a', to: 'b', toNew: false });
      expect(moved).toMatchObject({ from: { id: 'a', templates: 1 }, to: { id: 'b', templates: 2 } });
      expect(await who(gallery, 61)).toBe('b');
      expect(await idsOf(gallery, 'b')).toContain(added[1]);
      await gallery.move({ templates: [added[0]!], from: 'a', to: 'b', toNew: false });
      expect(await gallery.get('a')).toMatchObject({ templates: 0 });
      expect(await who(gallery, 0)).toBe('b');
    });

    it('splits templates off to a new identity', async () => {
      const { gallery } = await start();
      const { added } = await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0), at(60), at(70)) });
      await gallery.update('a', { name: 'Ada' });
      await gallery.move({ templates: added.slice(1), from: 'a', to: 7, toNew: true });
      expect(await gallery.get(7)).toMatchObject({ name: null, templates: 2 });
      expect([await who(gallery, 66), await who(gallery, 2)]).toEqual([7, 'a']);
    });

    it('merges two identities into one', async () => {
      const { gallery, put } = await start();
      await put('a', 'append', at(0));
      await put('b', 'append', at(60), at(90));
      await gallery.update('a', { name: 'Ada' });
      await gallery.update('b', { name: 'Bert', metadata: { x: 1 } });
      expect(await gallery.merge('b', 'a')).toMatchObject({ id: 'a', name: 'Ada', metadata: {}, templates: 3 });
      expect(await gallery.get('b')).toBeNull();
      expect(await who(gallery, 90)).toBe('a');
      expect(await gallery.describe()).toMatchObject({ identities: 1, templates: 3 });
    });

    it('says where what it removed was', async () => {
      const { gallery, put } = await start();
      await put('a', 'append', at(0), at(1));
      const { identities, templates: count, places } = await gallery.remove('a');
      expect([identities, count]).toEqual([1, 2]);
      expect(Math.max(...places.map(place => place.templates))).toBe(2);
      expect((await gallery.remove('a')).places).toEqual([]);
    });
  });

  describe(`${name} and person vectors`, () => {
    it('searches by the mean of a person, whatever changed it', async () => {
      const { gallery, put } = await start();
      await put('wide', 'append', at(0), at(60));
      await put('near', 'append', at(50));
      const search = async (degrees: number) =>
        (await gallery.search([at(degrees)], { topK: 2, by: 'person', signal }))[0]?.map(({ id, score }) => [
          id,
          Math.round((Math.acos(score) * 180) / Math.PI),
        ]);
      expect(await search(31)).toEqual([
        ['wide', 1],
        ['near', 19],
      ]);
      await put('wide', 'append', at(120));
      expect(await search(59)).toEqual([
        ['wide', 1],
        ['near', 9],
      ]);
      await gallery.removeTemplate('wide', (await idsOf(gallery, 'wide'))[2]!);
      await gallery.merge('near', 'wide');
      expect(await search(37)).toEqual([['wide', 0]]);
    });

    it('leaves the odd one out', async () => {
      const { gallery, put } = await start();
      await put('a', 'append', at(10), at(11), at(12), at(9), at(80));
      const [found] = await gallery.search([at(10.5)], { topK: 1, by: 'person', signal });
      expect(found?.[0]?.score).toBeCloseTo(1, 5);
    });
  });

  describe(`${name} as a source and a target of copies`, () => {
    const all = async (gallery: Gallery): Promise<IdentityRecord[]> => Array.fromAsync(gallery.export());

    async function fill(gallery: Gallery): Promise<void> {
      await gallery.put({ id: 2576, mode: 'append', templates: templates(at(0), at(10)), fields: { name: 'Ada' } });
      await gallery.put({ id: '2576', mode: 'append', templates: templates(at(50)), fields: { metadata: { a: 1 } } });
      const { added } = await gallery.put({ id: 'empty', mode: 'append', templates: templates(at(90)) });
      await gallery.removeTemplate('empty', added[0]!);
    }

    it('exports everybody whole, and an import equals its export', async () => {
      const { gallery, store, home } = await start();
      await fill(gallery);
      const exported = await all(gallery);
      expect(exported.map(({ id, templates: { length } }) => [id, length])).toEqual([
        [2576, 2],
        ['2576', 1],
        ['empty', 0],
      ]);
      await store.createGallery({ name: 'copy', kind: 'face', model });
      const copy = store.gallery('copy');
      await copy.import(exported);
      expectRecords(await all(copy), exported, home);
      for (const by of ['template', 'person'] as const) {
        const probes = [at(4), at(45)];
        const options = { topK: 5, by, signal };
        expectAnswers(await copy.search(probes, options), await gallery.search(probes, options), home);
      }
      await copy.import(exported.slice(0, 1));
      expectRecords(await all(copy), exported, home);
      expect(await copy.describe()).toMatchObject({ identities: 3, templates: 3 });
    });

    it('keeps nothing of an import that fails', async () => {
      const { gallery } = await start();
      await fill(gallery);
      const before = await all(gallery);
      const [ada, other] = before;
      const someone = (template: Partial<Template>): IdentityRecord => ({
        ...ada!,
        id: 'new',
        templates: [{ ...ada!.templates[0]!, id: 'c0ffee00-0000-4000-8000-000000000000', ...template }],
      });
      const alien = someone({ fingerprint: 'fp-9' });
      await expect(gallery.import([other!, alien])).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
      const taken = someone({ id: ada!.templates[0]!.id });
      await expect(gallery.import([{ ...other!, name: 'X' }, taken])).rejects.toMatchObject({
        code: 'TEMPLATE_EXISTS',
      });
      await expect(gallery.import([ada!, ada!])).rejects.toThrow(/every id once/);
      await expect(gallery.import([someone({ vector: at(0, 3) })])).rejects.toThrow(/expected 4 values, got 3/);
      expect(await all(gallery)).toEqual(before);
      expect(await who(gallery, 50)).toBe('2576');
    });
  });
}
