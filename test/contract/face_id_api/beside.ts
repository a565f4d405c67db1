import { describe, expect, it } from 'vitest';
import type { IdentityId } from '../../../face_id_api/core/identity-id.ts';
import { besideOf } from '../../../face_id_api/store/beside-name.ts';
import type { IdentityRecord, Store } from '../../../face_id_api/store/store.ts';
import { at, model, otherModel, type StoreHome, signal, startStore, templates } from './store.ts';

const beside = besideOf('default');
const next = otherModel.fingerprint;

/** The record as the other model would have it; template `i` of it lies at `10 * i` degrees. */
export function carried(record: IdentityRecord): IdentityRecord {
  const { fingerprint, dimension } = otherModel;
  const made = record.templates.map((template, i) => ({ ...template, fingerprint, vector: at(10 * i, dimension) }));
  return { ...record, templates: made };
}

async function carryOver(store: Store, ...only: IdentityId[]): Promise<void> {
  await store.createGallery({ name: beside, kind: 'face', model: otherModel });
  const records = await Array.fromAsync(store.gallery('default').export());
  const wanted = only.length === 0 ? records : records.filter(({ id }) => only.includes(id));
  await store.gallery(beside).import(wanted.map(carried));
}

const idsIn = async (store: Store, name: string): Promise<IdentityId[]> =>
  (await Array.fromAsync(store.gallery(name).export())).map(({ id }) => id);

const inStep = { missing: 0, changed: 0, bare: 0, gone: [] };

/** What every store does with a gallery and the one beside it. */
export function besideContract(name: string, makeHome: () => Promise<StoreHome>, { keeps }: { keeps: boolean }): void {
  const start = async () => {
    const home = await startStore(makeHome);
    await home.put('ada', 'append', at(0), at(10));
    await home.put(7, 'append', at(90));
    return home;
  };

  describe(`${name} and a gallery beside another one`, () => {
    it('switches the two, and back, with everybody and their fields', async () => {
      const { store, gallery } = await start();
      await gallery.update('ada', { name: 'Ada', metadata: { team: 'engines' } });
      await carryOver(store);
      expect(await store.compareBeside('default')).toEqual(inStep);
      const before = await Array.fromAsync(gallery.export());
      await store.switchBeside('default', next);
      // The same again changes nothing.
      await store.switchBeside('default', next);
      expect(await gallery.describe()).toMatchObject({ name: 'default', model: otherModel, templates: 3 });
      expect(await store.gallery(beside).describe()).toMatchObject({ name: beside, model, templates: 3 });
      expect(await gallery.get('ada')).toMatchObject({ name: 'Ada', metadata: { team: 'engines' } });
      expect((await store.listGalleries()).map(one => one.name)).toEqual(['default', beside]);
      await expect(gallery.search([at(0)], { topK: 1, signal })).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
      await store.switchBeside('default', model.fingerprint);
      expect(await Array.fromAsync(gallery.export())).toEqual(before);
      expect((await gallery.search([at(90)], { topK: 1, signal }))[0]?.[0]?.id).toBe(7);
    });

    it.skipIf(!keeps)('keeps what was switched, and finds with the other model', async () => {
      const { store, reopen } = await start();
      await carryOver(store);
      await store.switchBeside('default', next);
      const again = await reopen(otherModel);
      expect((await again.store.ready()).ok).toBe(true);
      expect((await again.gallery.search([at(0, 6)], { topK: 1, signal }))[0]?.[0]?.id).toBe(7);
      const { added } = await again.gallery.put({ id: 'new', mode: 'append', templates: templates(at(45, 6)) });
      expect(added).toHaveLength(1);
      await again.gallery.removeAll();
      expect(await again.gallery.describe()).toMatchObject({ identities: 0, model: otherModel });
    });

    it('says what is missing, changed and bare, and then does not switch unless it is forced', async () => {
      const { store, put, gallery } = await start();
      await put('eve', 'append', at(45));
      await put('bob', 'append', at(60));
      await carryOver(store, 'ada', 7, 'bob');
      const [bob] = (await Array.fromAsync(gallery.export())).filter(({ id }) => id === 'bob');
      await store.gallery(beside).import([{ ...bob!, templates: [] }]);
      await gallery.update('ada', { name: 'Ada' });
      expect(await store.compareBeside('default')).toEqual({ missing: 1, changed: 1, bare: 1, gone: [] });
      await expect(store.switchBeside('default', next)).rejects.toMatchObject({
        code: 'GALLERY_BEHIND',
        message: expect.stringMatching(/1 identities are not in it, 1 have changed .*, 1 have no template/),
        extra: { behind: { missing: 1, changed: 1, bare: 1 } },
      });
      expect(await gallery.describe()).toMatchObject({ model });
      await store.switchBeside('default', next, { evenIfBehind: true });
      expect(await gallery.describe()).toMatchObject({ model: otherModel, identities: 3 });
    });

    it('sees every kind of change by `updated`', async () => {
      const { store, put, gallery } = await start();
      const changes: Record<string, () => Promise<unknown>> = {
        'a template more': () => put('ada', 'append', at(5)),
        'a name': () => gallery.update('ada', { name: 'Ada' }),
        'one template of several less': async () => {
          const [first] = await gallery.listTemplates('ada');
          await gallery.removeTemplate('ada', first!.id);
        },
        'a split': async () => {
          const [first] = await gallery.listTemplates('ada');
          await gallery.move({ templates: [first!.id], from: 'ada', to: 'ada.2', toNew: true });
        },
        'a merge': () => gallery.merge('ada.2', 'ada'),
      };
      for (const [what, change] of Object.entries(changes)) {
        await store.deleteGallery(beside);
        await carryOver(store);
        expect(await store.compareBeside('default'), what).toEqual(inStep);
        // `updated` is in milliseconds.
        await new Promise(resolve => setTimeout(resolve, 2));
        await change();
        const { missing, changed } = await store.compareBeside('default');
        expect(missing + changed, what).toBeGreaterThan(0);
      }
    });

    it('erases in both, with both in the receipt', async () => {
      const { store, gallery } = await start();
      await carryOver(store);
      const [first] = await gallery.listTemplates('ada');
      const one = await gallery.removeTemplate('ada', first!.id);
      expect(one).toMatchObject({ identities: 0, templates: 1 });
      expect(one.places.map(({ place }) => place)).toContainEqual(expect.stringMatching(/^gallery beside: /));
      expect(await store.gallery(beside).listTemplates('ada')).toHaveLength(1);
      const ada = await gallery.remove('ada');
      expect(ada).toMatchObject({ identities: 1, templates: 1 });
      expect(ada.places.map(({ place }) => place)).toContainEqual(expect.stringMatching(/^gallery beside: /));
      expect(await idsIn(store, beside)).toEqual([7]);
      // Also where an earlier attempt ended between the two.
      expect(await gallery.remove('ada')).toMatchObject({ identities: 0, templates: 0 });
      await gallery.removeAll();
      await expect(store.gallery(beside).describe()).rejects.toMatchObject({ code: 'GALLERY_NOT_FOUND' });
    });

    it('erases the gallery beside with its own, and alone only itself', async () => {
      const { store, gallery } = await start();
      await store.createGallery({ name: 'staff', kind: 'face', model });
      await store.gallery('staff').put({ id: 1, mode: 'append', templates: templates(at(0)) });
      await store.createGallery({ name: besideOf('staff'), kind: 'face', model: otherModel });
      await carryOver(store);
      expect(await store.deleteGallery(beside)).toMatchObject({ identities: 2, templates: 3 });
      expect(await gallery.describe()).toMatchObject({ identities: 2 });
      await store.deleteGallery('staff');
      expect((await store.listGalleries()).map(one => one.name)).toEqual(['default']);
    });

    it('lets nobody live on beside it who was merged, moved or erased meanwhile', async () => {
      const { store, gallery, put } = await start();
      await put('ann', 'append', at(30));
      await put('eve', 'append', at(50), at(55));
      await carryOver(store, 'ada', 7, 'ann');
      await gallery.merge('ada', 'ann');
      expect(await store.gallery(beside).get('ann')).toMatchObject({ templates: 3 });
      const [first] = await gallery.listTemplates('eve');
      await gallery.move({ templates: [first!.id], from: 'eve', to: 'ann', toNew: false });
      // eve was not carried over, so that the move could not be repeated: both are to be carried over anew.
      expect(await idsIn(store, beside)).toEqual([7]);
      const records = (await Array.fromAsync(gallery.export())).map(carried);
      await gallery.remove('ann');
      const [rest] = await gallery.listTemplates('eve');
      await gallery.put({ id: 'eve', mode: 'append', templates: templates(at(51)) });
      await gallery.removeTemplate('eve', rest!.id);
      // What was read before comes in after.
      await store.gallery(beside).import(records);
      expect(await idsIn(store, beside)).toEqual([7, 'eve']);
      expect(await store.gallery(beside).listTemplates('eve')).toEqual([]);
    });

    it('is filled from its gallery alone', async () => {
      const { store } = await start();
      const other = store.gallery(beside);
      const of = (change: object) => ({ name: beside, kind: 'face', model: otherModel, ...change });
      await expect(store.createGallery(of({ model }))).rejects.toThrow(/another one than embedder/);
      await expect(store.createGallery(of({ kind: 'object' }))).rejects.toThrow(RangeError);
      await expect(store.createGallery(of({ name: besideOf('none') }))).rejects.toMatchObject({
        code: 'GALLERY_NOT_FOUND',
      });
      await carryOver(store);
      await expect(store.createGallery(of({ name: besideOf(beside) }))).rejects.toThrow(/beside no other/);
      await expect(store.switchBeside('default', 'fp-3')).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
      const refused = /filled from 'default' alone/;
      await expect(other.put({ id: 1, mode: 'append', templates: templates(at(0, 6)) })).rejects.toThrow(refused);
      await expect(other.update('ada', { name: 'A' })).rejects.toThrow(refused);
      await expect(other.merge('ada', 7)).rejects.toThrow(refused);
      await expect(other.reject('ada', templates(at(0, 6)))).rejects.toThrow(refused);
      await expect(other.setDistinct('ada', 7, true)).rejects.toThrow(refused);
      await expect(other.move({ templates: ['t'], from: 'ada', to: 7, toNew: false })).rejects.toThrow(refused);
    });

    it('has nothing to switch to where there is none', async () => {
      const { store } = await start();
      const none = { code: 'GALLERY_NOT_FOUND' };
      await expect(store.switchBeside('default', next)).rejects.toMatchObject(none);
      await expect(store.compareBeside('default')).rejects.toMatchObject(none);
      await expect(store.switchBeside('none', next)).rejects.toMatchObject(none);
    });
  });
}
