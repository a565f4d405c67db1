import { describe, expect, it } from 'vitest';
import { noFields } from '../../../face_id_api/core/identity-fields.ts';
import { at, expectRecords, model, otherModel, type StoreHome, signal, startStore, templates } from './store.ts';

/** What every store does with several galleries. */
export function galleriesContract(
  name: string,
  makeHome: () => Promise<StoreHome>,
  { keeps }: { keeps: boolean },
): void {
  const start = () => startStore(makeHome);
  const team = { name: 'team', kind: 'face', model };

  describe(`${name} and its galleries`, () => {
    it('has the default one always, and tells of each', async () => {
      const { store, put } = await start();
      const empty = { name: 'default', kind: 'face', model, identities: 0, templates: 0 };
      expect(await store.listGalleries()).toEqual([{ ...empty, created: expect.stringMatching(/^\d{4}-.*Z$/) }]);
      expect(await store.createGallery(team)).toMatchObject({ ...team, identities: 0 });
      await put('a', 'append', at(0), at(1));
      expect((await store.listGalleries()).map(one => [one.name, one.templates])).toEqual([
        ['default', 2],
        ['team', 0],
      ]);
    });

    it('lets nothing cross', async () => {
      const { store, gallery, put } = await start();
      await store.createGallery(team);
      const other = store.gallery('team');
      await put('a', 'append', at(0));
      await other.put({ id: 'a', mode: 'append', templates: templates(at(90), at(91)) });
      expect(await gallery.get('a')).toMatchObject({ templates: 1 });
      expect((await other.search([at(0)], { topK: 5, signal }))[0]?.[0]?.score).toBeCloseTo(0, 6);
      const [mine] = await gallery.listTemplates('a');
      await expect(other.readTemplate('a', mine!.id)).rejects.toMatchObject({ code: 'TEMPLATE_NOT_FOUND' });
      await other.removeAll();
      expect(await gallery.describe()).toMatchObject({ identities: 1, templates: 1 });
      expect((await gallery.search([at(0)], { topK: 5, signal }))[0]?.[0]?.score).toBeCloseTo(1, 6);
      expect(await Array.fromAsync(other.export())).toEqual([]);
    });

    it('makes one again without a change, and refuses another of the name', async () => {
      const { store } = await start();
      await store.createGallery(team);
      await store.gallery('team').put({ id: 1, mode: 'append', templates: templates(at(0)) });
      expect(await store.createGallery(team)).toMatchObject({ templates: 1 });
      const exists = { code: 'GALLERY_EXISTS' };
      await expect(store.createGallery({ ...team, kind: 'object' })).rejects.toMatchObject(exists);
      await expect(store.createGallery({ ...team, model: otherModel })).rejects.toMatchObject(exists);
      for (const wrong of ['', 'A', '-a', 'a b', 'a'.repeat(65)]) {
        await expect(store.createGallery({ ...team, name: wrong })).rejects.toThrow(RangeError);
      }
    });

    it('binds a gallery to its model', async () => {
      const { store, home } = await start();
      await store.createGallery({ ...team, model: otherModel });
      const other = store.gallery('team');
      const template = { ...templates(at(0, 6))[0]!, id: 't', fingerprint: otherModel.fingerprint, created: 'c' };
      const record = { id: 1, ...noFields, created: 'c', updated: 'u', seen: null, templates: [template] };
      await other.import([record]);
      const mismatch = { code: 'MODEL_MISMATCH' };
      await expect(other.put({ id: 2, mode: 'append', templates: templates(at(0)) })).rejects.toMatchObject(mismatch);
      await expect(other.search([at(0)], { topK: 1, signal })).rejects.toMatchObject(mismatch);
      expectRecords(await Array.fromAsync(other.export()), [record], home);
      expect((await store.ready()).ok).toBe(true);
    });

    it('deletes one with everything in it, and empties the default one', async () => {
      const { store, gallery, put } = await start();
      await store.createGallery(team);
      await store.gallery('team').put({ id: 1, mode: 'append', templates: templates(at(0), at(9)) });
      await put(1, 'append', at(0));
      expect(await store.deleteGallery('team')).toMatchObject({ identities: 1, templates: 2 });
      expect(await store.deleteGallery('team')).toEqual({ identities: 0, templates: 0, places: [] });
      const gone = { code: 'GALLERY_NOT_FOUND' };
      await expect(store.gallery('team').describe()).rejects.toMatchObject(gone);
      await expect(store.gallery('team').search([at(0)], { topK: 1, signal })).rejects.toMatchObject(gone);
      await expect(store.gallery('team').removeAll()).rejects.toMatchObject(gone);
      await expect(Array.fromAsync(store.gallery('team').export())).rejects.toMatchObject(gone);
      expect(await store.deleteGallery('default')).toMatchObject({ identities: 1, templates: 1 });
      expect(await gallery.describe()).toMatchObject({ name: 'default', identities: 0, templates: 0 });
      await put(2, 'append', at(0));
      expect((await gallery.search([at(0)], { topK: 5, signal }))[0]?.map(({ id }) => id)).toEqual([2]);
    });

    it.skipIf(!keeps)('keeps them', async () => {
      const { store, reopen } = await start();
      await store.createGallery(team);
      await store.gallery('team').put({ id: 1, mode: 'append', templates: templates(at(0)), fields: { name: 'Ada' } });
      await store.createGallery({ ...team, name: 'gone' });
      await store.gallery('gone').put({ id: 1, mode: 'append', templates: templates(at(0)) });
      await store.deleteGallery('gone');
      const before = await store.listGalleries();
      const again = await reopen();
      expect(await again.store.listGalleries()).toEqual(before);
      expect(await again.store.gallery('team').get(1)).toMatchObject({ name: 'Ada' });
      expect((await again.store.gallery('team').search([at(0)], { topK: 1, signal }))[0]?.[0]?.id).toBe(1);
    });
  });
}
