import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import type { GalleryRotations } from '../encryption/gallery-rotations.ts';
import { isIndexGone, isIndexThere } from './elasticsearch-error.ts';
import {
  addedFields,
  changesIndexBody,
  type GalleryIndex,
  galleryIndexBody,
  type IndexSettings,
  readGalleryIndex,
  unknownsIndexBody,
} from './elasticsearch-mapping.ts';
import { galleryNotFound } from './gallery-rules.ts';
import type { NewGallery } from './store.ts';

/** Which index a gallery is, now. */
export type KnownIndex = GalleryIndex & {
  readonly isQuantised: boolean;
  /** An alias of this one index, which goes with it: a write to it never makes an index by itself. */
  readonly writeAlias: string;
};

export type ElasticsearchIndexes = ReturnType<typeof createElasticsearchIndexes>;

export type IndexesOptions = {
  readonly client: Client;
  /** What the names of all indexes begin with. */
  readonly prefix: string;
  readonly settings: IndexSettings;
  /** The rotation of a gallery that is made now. */
  readonly freshRotation: GalleryRotations['fresh'];
  readonly stamp: () => string;
};

/** Often enough for others to make or swap an index meanwhile. */
const mostAttempts = 5;
const pauseMs = 100;
/** For so long an index that was switched by another process is still searched. */
const freshMs = 5000;

/**
 * The indexes behind the galleries. The alias PREFIX.gallery.NAME leads to the gallery's index PREFIX.data.NAME.MODEL.NUMBER, and
 * what is swapped is swapped by one change of aliases. Galleries' names have no dots, so that no two names meet.
 */
export function createElasticsearchIndexes({ client, prefix, settings, freshRotation, stamp }: IndexesOptions) {
  const known = new Map<string, { readonly index: KnownIndex; readonly readAt: number }>();
  const changes = `${prefix}.changes`;
  const unknowns = `${prefix}.unknowns`;
  const aliasOf = (name: string): string => `${prefix}.gallery.${name}`;
  /** Another one under another name, so that after a switch nobody writes into an index that they took for the gallery's. */
  const writeAliasOf = (name: string, index: string): string => {
    const rest = index.slice(`${prefix}.data.`.length);
    return rest.startsWith(`${name}.`) ? `${prefix}.write.${rest}` : `${prefix}.write.${name}.of.${rest}`;
  };
  const aliasesOf = (name: string, index: string) => ({ [aliasOf(name)]: {}, [writeAliasOf(name, index)]: {} });

  async function find(name: string): Promise<KnownIndex | null> {
    const [found] = await read(aliasOf(name));
    if (found === undefined) known.delete(name);
    else known.set(name, { index: found, readAt: performance.now() });
    return found ?? null;
  }

  async function read(alias: string): Promise<KnownIndex[]> {
    const asked = { index: alias, allow_no_indices: true, features: ['aliases' as const, 'mappings' as const] };
    const found = await client.indices.get(asked).catch(error => {
      if (isIndexGone(error)) return {};
      throw error;
    });
    return await Promise.all(
      Object.entries(found).map(async ([index, { aliases = {}, mappings = {} }]) => {
        // Whose it is says the alias: a switch leaves the index its own name.
        const own = Object.keys(aliases).find(one => one.startsWith(aliasOf('')));
        const name = own?.slice(aliasOf('').length) ?? '';
        const { isBehind, ...gallery } = readGalleryIndex(index, name, mappings);
        if (isBehind) await client.indices.putMapping({ index, properties: { ...addedFields } });
        return { ...gallery, writeAlias: writeAliasOf(name, index) };
      }),
    );
  }

  async function resolve(name: string): Promise<KnownIndex> {
    const remembered = known.get(name);
    if (remembered !== undefined && performance.now() - remembered.readAt < freshMs) return remembered.index;
    const found = await find(name);
    if (found === null) throw galleryNotFound();
    return found;
  }

  /** Makes the next index of a gallery; false where another process has just done so. */
  async function make(
    gallery: NewGallery,
    behind: string | null,
    withAliases: boolean,
    rotation = freshRotation(),
  ): Promise<string | null> {
    const short = gallery.model.fingerprint
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')
      .slice(0, 12);
    const number = Number(behind?.split('.').at(-1) ?? 0) + 1;
    const index = `${prefix}.data.${gallery.name}.${short || 'model'}.${number}`;
    const body = galleryIndexBody({ ...gallery, rotation }, stamp(), settings);
    const aliases = withAliases ? aliasesOf(gallery.name, index) : {};
    try {
      await client.indices.create({ index, ...body, aliases, wait_for_active_shards: 1 });
    } catch (error) {
      if (isIndexThere(error)) return null;
      throw error;
    }
    // A template of the cluster may have a say in it.
    const made = (await client.indices.getMapping({ index }))[index]?.mappings;
    readGalleryIndex(index, gallery.name, made ?? {});
    return index;
  }

  return {
    /** The index of changes that have not ended. */
    changes,
    /** The index of faces that nobody was found for. */
    unknowns,
    resolve,
    /** Null where there is no such gallery. Always asks. */
    find,
    all: async (): Promise<KnownIndex[]> =>
      (await read(`${prefix}.gallery.*`)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    /** Runs `work` with the gallery's index, again where it was swapped meanwhile. */
    async use<T>(name: string, work: (index: KnownIndex) => Promise<T>): Promise<T> {
      for (let attempt = 1; ; attempt++) {
        try {
          return await work(await resolve(name));
        } catch (error) {
          if (!isIndexGone(error) || attempt === mostAttempts) throw error;
          known.delete(name);
          await delay(pauseMs * attempt);
        }
      }
    },
    async prepareChanges(): Promise<void> {
      for (const [index, body] of [
        [changes, changesIndexBody],
        [unknowns, unknownsIndexBody],
      ] as const) {
        await client.indices.create({ index, ...body }).catch(error => {
          if (!isIndexThere(error)) throw error;
        });
      }
    },
    /** The gallery, made where it is not there. */
    async ensure(gallery: NewGallery): Promise<KnownIndex> {
      for (let attempt = 1; ; attempt++) {
        const found = await find(gallery.name);
        if (found !== null) return found;
        if (attempt > mostAttempts) throw new Error(`gallery ${gallery.name}: its index cannot be made`);
        if ((await make(gallery, null, true)) === null) await delay(pauseMs * attempt);
      }
    },
    /**
     * Puts a new index in the place of one. `fill` copies what stays; `isDone` is asked once nobody can write into the old one any
     * more, and where it says no the old one comes back. Null then, and where another process was faster.
     */
    async replace(
      old: KnownIndex,
      next: NewGallery,
      steps: { readonly fill: (index: string) => Promise<void>; readonly isDone: () => Promise<boolean> },
      rotation = freshRotation(),
    ): Promise<KnownIndex | null> {
      const index = await make(next, old.index, false, rotation);
      known.delete(old.name);
      if (index === null) return null;
      const lead = (from: string, to: string) => [
        ...Object.keys(aliasesOf(old.name, from)).map(alias => ({ remove: { index: from, alias, must_exist: true } })),
        ...Object.keys(aliasesOf(old.name, to)).map(alias => ({ add: { index: to, alias } })),
      ];
      try {
        await steps.fill(index);
        await client.indices.updateAliases({ actions: lead(old.index, index) });
      } catch (error) {
        await client.indices.delete({ index, ignore_unavailable: true });
        if (isIndexGone(error)) return null;
        throw error;
      }
      if (await steps.isDone()) {
        await client.indices.delete({ index: old.index, ignore_unavailable: true });
        return await find(old.name);
      }
      await client.indices.updateAliases({ actions: lead(index, old.index) });
      await client.indices.delete({ index });
      return null;
    },
    /** Puts an empty index in the place of one, which is gone in the same moment. False where another process was faster. */
    async empty(old: KnownIndex): Promise<boolean> {
      const index = await make(old, old.index, false);
      known.delete(old.name);
      if (index === null) return false;
      const added = Object.keys(aliasesOf(old.name, index)).map(alias => ({ add: { index, alias } }));
      try {
        await client.indices.updateAliases({ actions: [{ remove_index: { index: old.index } }, ...added] });
        return true;
      } catch (error) {
        await client.indices.delete({ index, ignore_unavailable: true });
        if (isIndexGone(error)) return false;
        throw error;
      }
    },
    /** Exchanges the names of two galleries in one step. */
    async exchange(one: KnownIndex, other: KnownIndex): Promise<void> {
      const rename = ({ name, index }: KnownIndex, to: string) => [
        ...Object.keys(aliasesOf(name, index)).map(alias => ({ remove: { index, alias, must_exist: true } })),
        ...Object.keys(aliasesOf(to, index)).map(alias => ({ add: { index, alias } })),
      ];
      for (const { name } of [one, other]) known.delete(name);
      await client.indices.updateAliases({ actions: [...rename(one, other.name), ...rename(other, one.name)] });
    },
    async drop({ name, index }: KnownIndex): Promise<void> {
      known.delete(name);
      await client.indices.delete({ index, ignore_unavailable: true });
    },
  };
}
