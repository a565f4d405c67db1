import type { Client, estypes } from '@elastic/elasticsearch';
import { type GalleryRotations, noRotations } from '../encryption/gallery-rotations.ts';
import { isBeside, notInStep } from './beside-name.ts';
import { createElasticsearchBeside } from './elasticsearch-beside.ts';
import { createElasticsearchChanges } from './elasticsearch-changes.ts';
import { createElasticsearchClient, type ElasticsearchConnection } from './elasticsearch-client.ts';
import { countRejections, describeIndex, placesOf } from './elasticsearch-counts.ts';
import type { IdentityDocument } from './elasticsearch-documents.ts';
import { translateElasticsearchError } from './elasticsearch-error.ts';
import { createElasticsearchGallery } from './elasticsearch-gallery.ts';
import { createElasticsearchIdentities, type Refresh } from './elasticsearch-identities.ts';
import { createElasticsearchIndexes, type KnownIndex } from './elasticsearch-indexes.ts';
import type { IndexSettings } from './elasticsearch-mapping.ts';
import { createElasticsearchRecall } from './elasticsearch-recall.ts';
import { createElasticsearchUnknowns } from './elasticsearch-unknowns.ts';
import {
  consentRule,
  expectGallery,
  galleryExists,
  galleryNotFound,
  modelMismatch,
  nothingErased,
} from './gallery-rules.ts';
import { keepBeside } from './keep-beside.ts';
import {
  defaultGallery,
  type Erased,
  type Gallery,
  type GalleryModel,
  type GallerySummary,
  type NewGallery,
  type Store,
  type StoreReadiness,
} from './store.ts';

export type ElasticsearchStoreOptions = {
  readonly connection: ElasticsearchConnection;
  /** What the names of its indexes and aliases begin with: two products in one cluster have two. */
  readonly prefix: string;
  /** The model whose vectors will be put and searched. */
  readonly model: GalleryModel;
  readonly index: IndexSettings;
  readonly refresh: Refresh;
  readonly now?: () => Date;
  /** Whether nobody gets templates without a consent that holds. */
  readonly requireConsent?: boolean;
  readonly logger?: { warn(fields: object, message: string): void };
  /** How galleries' vectors are turned; by default none is. */
  readonly rotations?: GalleryRotations;
  /** One of so many searches is repeated exactly. */
  readonly checkEvery?: number;
  /** From this age on a change of several identities that has not ended is undone by whoever meets it. */
  readonly staleChangeMs?: number;
};

const readyTimeoutMs = 1500;
const sweepEveryMs = 60_000;
/** Template-less identities that a change of model copies. */
const copiedAtOnce = 500;

/**
 * The store of more than one machine. It connects when it is first asked, so that the service starts while the cluster is away, and
 * recovers with it. Several processes may share one `prefix`.
 */
export function createElasticsearchStore(options: ElasticsearchStoreOptions): Store {
  const { prefix, model, refresh, now = () => new Date(), checkEvery = 1000, staleChangeMs = 60_000 } = options;
  const { rotations = noRotations } = options;
  const client = createElasticsearchClient(options.connection);
  const stamp = (): string => now().toISOString();
  const warn = (fields: object, message: string): void => options.logger?.warn(fields, message);
  const { index: settings } = options;
  const indexes = createElasticsearchIndexes({ client, prefix, settings, freshRotation: rotations.fresh, stamp });
  const changes = createElasticsearchChanges({ client, changes: indexes.changes, staleMs: staleChangeMs });
  const identities = createElasticsearchIdentities(client, changes, refresh);
  const unknowns = createElasticsearchUnknowns(client, indexes.unknowns);
  const recall = createElasticsearchRecall({ client, every: checkEvery, warn });
  const expunge = createExpunger(client, warn);
  const besides = createElasticsearchBeside(client, indexes);
  let prepared: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const sweeper = setInterval(() => void sweep(), sweepEveryMs).unref();

  /** What has to be there before anything else; asked for again where it failed. */
  async function prepare(): Promise<void> {
    prepared ??= (async () => {
      await indexes.prepareChanges();
      await indexes.ensure({ name: defaultGallery, kind: 'face', model });
      await changes.sweep(`${prefix}.data.*`);
    })();
    try {
      await prepared;
    } catch (error) {
      prepared = undefined;
      throw error;
    }
  }

  async function sweep(): Promise<void> {
    try {
      await prepare();
      await changes.sweep(`${prefix}.data.*`);
      await unknowns.sweep(indexes.all);
    } catch (error) {
      warn({ err: translateElasticsearchError(error) }, 'what unfinished changes have left could not be looked for');
    }
  }

  async function ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      await prepare();
      return await work();
    } catch (error) {
      throw translateElasticsearchError(error);
    }
  }

  /** An empty gallery takes another model: a new index with the identities that have no templates. */
  async function bind(old: KnownIndex, to: GalleryModel): Promise<void> {
    if (old.model.fingerprint === to.fingerprint) return;
    const next = { name: old.name, kind: old.kind, model: to };
    const bound = await indexes.replace(old, next, {
      fill: index => copyEmpty(old.index, index),
      isDone: async () => {
        await client.indices.refresh({ index: old.index });
        return (await describeIndex(client, old)).templates === 0;
      },
    });
    if (bound !== null) await unknowns.forgetIndex(old.index);
    const found = bound ?? (await indexes.find(old.name));
    if (found?.model.fingerprint !== to.fingerprint) throw modelMismatch(found?.model ?? old.model, to);
  }

  async function copyEmpty(from: string, to: string): Promise<void> {
    for (let after: string | null = null; ; ) {
      const { hits }: estypes.SearchResponse<IdentityDocument> = await client.search<IdentityDocument>({
        index: from,
        size: copiedAtOnce,
        sort: [{ key: 'asc' }],
        ...(after === null ? {} : { search_after: [after] }),
        query: { bool: { filter: [{ term: { live: true } }, { term: { template_count: 0 } }] } },
      });
      const found = hits.hits.flatMap(({ _id, _source }) => (_id === undefined || !_source ? [] : [{ _id, _source }]));
      if (found.length > 0) {
        // Their rejected faces are the old model's.
        const operations = found.flatMap(({ _id, _source: { rejections: _, rejection_count: __, ...kept } }) => [
          { index: { _index: to, _id } },
          kept,
        ]);
        const { errors } = await client.bulk({ operations, refresh: true });
        if (errors) throw new Error(`index ${to}: not every identity could be copied`);
      }
      after = found.at(-1)?._source.key ?? null;
      if (after === null || found.length < copiedAtOnce) return;
    }
  }

  async function erase(name: string, stays: boolean): Promise<Erased> {
    for (;;) {
      const index = await indexes.find(name);
      if (index === null) {
        if (stays) throw galleryNotFound();
        return nothingErased;
      }
      await client.indices.refresh({ index: index.index });
      const { identities: gone, templates } = await describeIndex(client, index);
      const rejections = await countRejections(client, index);
      if (stays && !(await indexes.empty(index))) continue;
      if (!stays) await indexes.drop(index);
      await changes.forgetIndex(index.index);
      const unknown = await unknowns.forgetIndex(index.index);
      if (unknown > 0) expunge({ index: unknowns.unknowns });
      // The files of an index that is deleted go with it.
      const places = [
        ...(gone === 0 ? [] : placesOf(templates, rejections).filter(({ place }) => !place.includes('bytes of'))),
        ...(unknown === 0 ? [] : [{ place: 'unknown faces in Elasticsearch', templates: unknown }]),
      ];
      return { identities: gone, templates, places };
    }
  }

  function galleryOf(name: string): Gallery {
    const gallery = createElasticsearchGallery({
      client,
      identities,
      unknowns,
      model,
      rotations,
      stamp: isBeside(name) ? () => notInStep : stamp,
      consents: consentRule(options.requireConsent ?? false, now),
      use: work => ask(() => indexes.use(name, work)),
      rebind: index => bind(index, model),
      removeAll: () => ask(() => erase(name, true)),
      offer: recall.offer,
      expunge,
    });
    return gallery;
  }

  async function check(): Promise<StoreReadiness> {
    await prepare();
    const all = await indexes.all();
    const names = all.map(({ index }) => index);
    const { status } = await client.cluster.health({ index: names }, { requestTimeout: readyTimeoutMs, maxRetries: 0 });
    if (status === 'red') return { ok: false, reason: 'a part of the galleries is on no node of Elasticsearch' };
    const own = all.find(({ name }) => name === defaultGallery);
    if (own === undefined) return { ok: false, reason: galleryNotFound().message };
    for (const gallery of all) rotations.basisOf(gallery);
    if (own.model.fingerprint !== model.fingerprint && (await describeIndex(client, own)).templates > 0) {
      return { ok: false, reason: modelMismatch(own.model, model).message };
    }
    return status === 'yellow' ? { ok: true, degraded: 'copies of the galleries are missing' } : { ok: true };
  }

  return keepBeside({
    gallery: galleryOf,
    async createGallery(given): Promise<GallerySummary> {
      expectGallery(given);
      return await ask(() => create(given));
    },
    listGalleries: () =>
      ask(async () => await Promise.all((await indexes.all()).map(index => describeIndex(client, index)))),
    deleteGallery: name => ask(() => erase(name, name === defaultGallery)),
    compareBeside: name => ask(() => besides.compare(name)),
    switchBeside: (name, to, { evenIfBehind = false } = {}) => ask(() => besides.exchange(name, to, evenIfBehind)),
    recall: () => recall.counts(),
    async ready() {
      try {
        return await check();
      } catch (error) {
        const translated = translateElasticsearchError(error);
        return { ok: false, reason: translated instanceof Error ? translated.message : String(translated) };
      }
    },
    close() {
      closing ??= close();
      return closing;
    },
  });

  async function create(given: NewGallery): Promise<GallerySummary> {
    const made = await indexes.ensure(given);
    const summary = await describeIndex(client, made);
    const isSame = made.kind === given.kind && made.model.fingerprint === given.model.fingerprint;
    if (isSame) return summary;
    if (made.kind !== given.kind || summary.templates > 0) throw galleryExists();
    await bind(made, given.model);
    return await indexes.use(given.name, index => describeIndex(client, index));
  }

  async function close(): Promise<void> {
    clearInterval(sweeper);
    await recall.close();
    await client.close();
  }
}

/** Asks for deleted documents to be written out of an index, one request at a time and one more for what came meanwhile. */
function createExpunger(client: Client, warn: (fields: object, message: string) => void) {
  const running = new Map<string, { isDue: boolean }>();

  async function expunge(index: string, state: { isDue: boolean }): Promise<void> {
    try {
      while (state.isDue) {
        state.isDue = false;
        await client.indices.forcemerge({ index, only_expunge_deletes: true, wait_for_completion: false });
      }
    } catch (error) {
      warn({ err: translateElasticsearchError(error) }, 'deleted documents could not be merged away yet');
    } finally {
      running.delete(index);
    }
  }

  return ({ index }: Pick<KnownIndex, 'index'>): void => {
    const state = running.get(index) ?? { isDue: true };
    state.isDue = true;
    if (running.has(index)) return;
    running.set(index, state);
    void expunge(index, state);
  };
}
