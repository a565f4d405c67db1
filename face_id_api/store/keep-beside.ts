import { ServiceError } from '../../detector/errors.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { mapConcurrently } from '../core/map-concurrently.ts';
import { besideOf, isBeside, mainOf } from './beside-name.ts';
import { nothingErased } from './gallery-rules.ts';
import type { Erased, Gallery, IdentityRecord, Move, NewGallery, Store } from './store.ts';

/** Identities of an import that are looked up at once. */
const lookedUpAtOnce = 8;

/**
 * A store that lets nothing live on beside a gallery that is gone from the gallery itself, whatever order the two are asked in: what is
 * erased goes in both, the gallery first; what comes in beside it is looked up in the gallery afterwards, so that one of the two
 * meets the other. Nobody is enrolled or corrected beside a gallery: what stands there comes from the gallery.
 */
export function keepBeside(store: Store): Store {
  return {
    ...store,
    gallery: name => (isBeside(name) ? besideGallery(store, name) : mainGallery(store, name)),
    async createGallery(gallery) {
      if (isBeside(gallery.name)) await expectBeside(store, gallery);
      return await store.createGallery(gallery);
    },
    async deleteGallery(name) {
      const erased = await store.deleteGallery(name);
      return isBeside(name) ? erased : together(erased, await store.deleteGallery(besideOf(name)));
    },
    async switchBeside(name, to, options) {
      const { model } = await store.gallery(name).describe();
      if (model.fingerprint === to) return;
      // People who are no longer enrolled come back by no switch, forced or not.
      const { gone } = await store.compareBeside(name);
      for (const id of gone) await store.gallery(besideOf(name)).remove(id);
      await store.switchBeside(name, to, options);
    },
  };
}

/** @throws RangeError where it can be beside no gallery, ServiceError GALLERY_NOT_FOUND where that gallery is not there */
async function expectBeside(store: Store, { name, kind, model }: NewGallery): Promise<void> {
  const main = await store.gallery(mainOf(name)).describe();
  if (isBeside(main.name)) throw new RangeError('name: expected a gallery that is beside no other itself');
  if (main.kind !== kind) throw new RangeError(`kind: expected ${main.kind}, as the gallery's`);
  if (main.model.fingerprint !== model.fingerprint || main.templates === 0) return;
  throw new RangeError(`model: expected another one than ${main.model.name}, whose vectors the gallery holds already`);
}

function mainGallery(store: Store, name: string): Gallery {
  const gallery = store.gallery(name);
  const beside = store.gallery(besideOf(name));
  return {
    ...gallery,
    async remove(id) {
      return together(await gallery.remove(id), (await ifThere(() => beside.remove(id))) ?? nothingErased);
    },
    async removeTemplate(id, template) {
      let missing: unknown = null;
      const erased = await gallery.removeTemplate(id, template).catch(error => {
        if (!isAbsence(error)) throw error;
        missing = error;
        return nothingErased;
      });
      const besides = (await ifThere(() => beside.removeTemplate(id, template))) ?? nothingErased;
      // An earlier attempt may have ended between the two.
      if (missing !== null && besides.templates === 0) throw missing;
      return together(erased, besides);
    },
    async removeAll() {
      return together(await gallery.removeAll(), await store.deleteGallery(besideOf(name)));
    },
    async see(days) {
      await gallery.see(days);
      await ifThere(() => beside.see(days));
    },
    async merge(from, into) {
      const merged = await gallery.merge(from, into);
      await follow(beside, [from, into], () => beside.merge(from, into));
      return merged;
    },
    async move(change: Move) {
      const moved = await gallery.move(change);
      await follow(beside, [change.from, change.to], () => beside.move(change));
      return moved;
    },
  };
}

function besideGallery(store: Store, name: string): Gallery {
  const gallery = store.gallery(name);
  const main = store.gallery(mainOf(name));

  async function dropWhatIsGone({ id, templates }: IdentityRecord): Promise<void> {
    const listed = await ifThere(() => main.listTemplates(id));
    if (listed === null) return void (await gallery.remove(id));
    const known = new Set(listed.map(template => template.id));
    for (const template of templates) {
      if (!known.has(template.id)) await ifThere(() => gallery.removeTemplate(id, template.id));
    }
  }

  const refuse = async (): Promise<never> => {
    throw new RangeError(`gallery: '${name}' is filled from '${mainOf(name)}' alone, by gallery reembed`);
  };
  return {
    ...gallery,
    put: refuse,
    update: refuse,
    move: refuse,
    merge: refuse,
    reject: refuse,
    setDistinct: refuse,
    enrolUnknowns: refuse,
    async import(records) {
      await gallery.import(records);
      const { signal } = new AbortController();
      await mapConcurrently(records, { limit: lookedUpAtOnce, signal }, dropWhatIsGone);
    },
  };
}

/** Templates of the two have another owner now. Where that cannot be repeated both go, and are carried over anew. */
async function follow(beside: Gallery, ids: readonly IdentityId[], change: () => Promise<unknown>): Promise<void> {
  if ((await ifThere(change)) !== null) return;
  for (const id of ids) await ifThere(() => beside.remove(id));
}

/** Null where what is asked for is not there. */
async function ifThere<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

const absences = ['GALLERY_NOT_FOUND', 'UNKNOWN_ID', 'TEMPLATE_NOT_FOUND', 'IDENTITY_EXISTS'];

function isAbsence(error: unknown): boolean {
  return error instanceof ServiceError && absences.includes(error.code);
}

/** The receipt counts whom the gallery had, and names both places. */
function together(main: Erased, beside: Erased): Erased {
  const { identities, templates } = main.identities + main.templates > 0 ? main : beside;
  const places = beside.places.map(({ place, templates: there }) => ({
    place: `gallery beside: ${place}`,
    templates: there,
  }));
  return { identities, templates, places: [...main.places, ...places] };
}
