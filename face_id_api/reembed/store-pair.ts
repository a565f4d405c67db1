import { besideOf } from '../store/beside-name.ts';
import type { Store } from '../store/store.ts';
import type { GalleryPair } from './gallery-pair.ts';

/** The gallery of this name and the one beside it, in a store that is open here. */
export function createStorePair(store: Store, name: string): GalleryPair {
  const [gallery, beside] = [store.gallery(name), store.gallery(besideOf(name))];
  return {
    name,
    describe: () => gallery.describe(),
    describeBeside: async () => (await store.listGalleries()).find(one => one.name === besideOf(name)) ?? null,
    records: () => gallery.export(),
    besideRecords: () => beside.export(),
    async createBeside(model) {
      const { kind } = await gallery.describe();
      await store.createGallery({ name: besideOf(name), kind, model });
    },
    importBeside: records => beside.import(records),
    async removeBeside(id) {
      await beside.remove(id);
    },
    switch: (fingerprint, force) => store.switchBeside(name, fingerprint, { evenIfBehind: force }),
    dropBeside: () => store.deleteGallery(besideOf(name)),
  };
}
