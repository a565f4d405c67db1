import { randomUUID } from 'node:crypto';
import type { Client, estypes } from '@elastic/elasticsearch';
import { foldName, noFields, patchFields } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { changeElasticsearch } from './elasticsearch-change.ts';
import {
  type Identity,
  type IdentityDocument,
  keyOf,
  type SummaryDocument,
  summaryFields,
  summaryOf,
  toRecord,
  toSummary,
} from './elasticsearch-documents.ts';
import { type ElasticsearchIdentities, live } from './elasticsearch-identities.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';
import { searchElasticsearch } from './elasticsearch-search.ts';
import { createElasticsearchTeaching, forgetDistinct } from './elasticsearch-teaching.ts';
import type { ElasticsearchUnknowns } from './elasticsearch-unknowns.ts';
import {
  expectTemplates,
  expectVector,
  modelMismatch,
  nothingErased,
  templateNotFound,
  unknownId,
} from './gallery-rules.ts';
import type { Enrolment, Erased, Gallery, GalleryModel, GallerySummary, Page, Template } from './store.ts';

export type ElasticsearchGalleryDeps = {
  readonly client: Client;
  readonly identities: ElasticsearchIdentities;
  readonly unknowns: ElasticsearchUnknowns;
  /** The model whose vectors are put and searched. */
  readonly model: GalleryModel;
  readonly stamp: () => string;
  /** The gallery's index, whatever it is now; prepared, and again where it was swapped meanwhile. */
  readonly use: <T>(work: (index: KnownIndex) => Promise<T>) => Promise<T>;
  /** Gives an empty gallery the present model. */
  readonly rebind: (index: KnownIndex) => Promise<void>;
  readonly removeAll: () => Promise<Erased>;
  /** What was found, for the check of recall. */
  readonly offer: (index: KnownIndex, probe: Float32Array, score: number | null) => void;
  /** To be called when documents were deleted: their bytes are to go too. */
  readonly expunge: (index: Pick<KnownIndex, 'index'>) => void;
};

type PageFilter = Omit<Page, 'limit'>;

/** Identities that an export asks for at a time, and how many templates they may have together. */
const exportedAtOnce = { identities: 100, templates: 2000 } as const;

/** A gallery of Elasticsearch. */
export function createElasticsearchGallery(deps: ElasticsearchGalleryDeps): Gallery {
  const { client, identities, unknowns, model, stamp, use, rebind, offer, expunge } = deps;
  const changes = changeElasticsearch(client, identities, stamp);

  async function expectModel(index: KnownIndex): Promise<{ readonly isEmpty: boolean }> {
    if (index.model.fingerprint === model.fingerprint) return { isEmpty: false };
    if ((await describeIndex(client, index)).templates > 0) throw modelMismatch(index.model, model);
    return { isEmpty: true };
  }

  /** Runs `work` with an index of the present model, which an empty gallery takes. */
  async function useOwn<T>(work: (index: KnownIndex) => Promise<T>): Promise<T> {
    await use(async index => {
      const { isEmpty } = await expectModel(index);
      if (isEmpty) await rebind(index);
    });
    return await use(async index => {
      await expectModel(index);
      return await work(index);
    });
  }

  async function find(index: KnownIndex, id: IdentityId): Promise<Identity> {
    const identity = live(await identities.read(index, id));
    if (identity === null) throw unknownId();
    return identity;
  }

  async function page(index: KnownIndex, asked: PageFilter, size: number): Promise<SummaryDocument[]> {
    const { hits } = await client.search<SummaryDocument>({
      index: index.index,
      size,
      query: { bool: { filter: conditions(asked) } },
      sort: [{ key: 'asc' }],
      _source: summaryFields,
      track_total_hits: false,
    });
    return hits.hits.flatMap(({ _source }) => _source ?? []);
  }

  function erased(index: Pick<KnownIndex, 'index'>, gone: number, templates: number, rejections = 0): Erased {
    expunge(index);
    return { identities: gone, templates, places: placesOf(templates, rejections) };
  }

  async function put({ id, templates: given, mode, fields }: Enrolment) {
    expectTemplates(given, model.dimension);
    if (given.length === 0) throw new RangeError('templates: expected at least one');
    const now = stamp();
    // Copies: what the caller does with a vector while this waits is not ours.
    const news = given.map(template => ({
      ...template,
      vector: template.vector.slice(),
      id: randomUUID(),
      created: now,
    }));
    const { templates } = await useOwn(index =>
      identities.change(index, id, old => ({
        ...(old ?? { id, created: now }),
        ...(fields === undefined ? (old ?? noFields) : patchFields(old ?? noFields, fields)),
        id,
        created: old?.created ?? now,
        updated: now,
        templates: mode === 'append' ? [...(old?.templates ?? []), ...news] : news,
      })),
    );
    return { templates: templates.length, added: news.map(template => template.id) };
  }

  return {
    ...createElasticsearchTeaching({
      ...{ client, identities, unknowns, model, stamp, use, useOwn, expectModel, find, put },
      erased: (index, templates) => erased(index, 0, templates),
    }),
    describe: () => use(index => describeIndex(client, index)),
    async search(probes, options) {
      for (const probe of probes) expectVector(probe, model.dimension);
      options.signal.throwIfAborted();
      return await use(async index => {
        const { isEmpty } = await expectModel(index);
        if (isEmpty) return probes.map(() => []);
        const found = await searchElasticsearch(client, index, probes, options);
        if (options.by !== 'person') {
          for (const [i, probe] of probes.entries()) offer(index, probe, found[i]?.[0]?.score ?? null);
        }
        return found;
      });
    },
    put,
    get: id =>
      use(async index => {
        const identity = live(await identities.read(index, id));
        return identity === null ? null : summaryOf(identity);
      }),
    list: asked =>
      use(async index => {
        const found = await page(index, asked, asked.limit + 1);
        return { identities: found.slice(0, asked.limit).map(toSummary), hasMore: found.length > asked.limit };
      }),
    listTemplates: id =>
      use(async index => {
        const { templates } = await find(index, id);
        const { fingerprint } = index.model;
        return templates.map(({ vector: _, ...template }) => ({ ...template, fingerprint }));
      }),
    readTemplate: (id, template) =>
      use(async (index): Promise<Template> => {
        const found = (await find(index, id)).templates.find(one => one.id === template);
        if (found === undefined) throw templateNotFound();
        return { ...found, fingerprint: index.model.fingerprint };
      }),
    update: (id, patch) =>
      use(async index =>
        summaryOf(
          await identities.change(index, id, old => {
            if (old === null) throw unknownId();
            return { ...old, ...patchFields(old, patch), updated: stamp() };
          }),
        ),
      ),
    move: move => use(index => changes.move(index, move)),
    merge: (from, into) => use(index => changes.merge(index, from, into)),
    removeTemplate: (id, template) =>
      use(async index => {
        await identities.change(index, id, old => {
          if (old === null) throw unknownId();
          const templates = old.templates.filter(one => one.id !== template);
          if (templates.length === old.templates.length) throw templateNotFound();
          return { ...old, templates, updated: stamp() };
        });
        return erased(index, 0, 1);
      }),
    remove: id =>
      use(async index => {
        const gone = await identities.remove(index, id, document => forgetDistinct(identities, index, document));
        return gone === null ? nothingErased : erased(index, 1, gone.templates, gone.rejections);
      }),
    removeAll: deps.removeAll,
    async import(records) {
      const added = records.flatMap(({ templates, rejections = [] }) => [...templates, ...rejections]);
      if (new Set(records.map(({ id }) => id)).size < records.length) {
        throw new RangeError('records: expected every id once');
      }
      const isOwn = added.some(({ fingerprint }) => fingerprint === model.fingerprint);
      const run = isOwn ? useOwn<void> : use<void>;
      await run(async index => {
        const { model: owner } = index;
        const alien = added.find(({ fingerprint }) => fingerprint !== owner.fingerprint);
        if (alien !== undefined) {
          throw modelMismatch(owner, { name: 'of the import', fingerprint: alien.fingerprint });
        }
        expectTemplates(added, owner.dimension);
        await changes.import(index, records);
      });
    },
    async *export() {
      for (let after: IdentityId | null = null; ; ) {
        const { index, found } = await use(async index => ({
          index,
          found: (await page(index, { after }, exportedAtOnce.identities)).map(toSummary),
        }));
        for (const ids of inPortions(found)) {
          // What went since the page was read is not there any more.
          for (const held of await use(now => identities.readMany(now, ids))) {
            if (held?.document.live) yield toRecord(held.document, index.model.fingerprint);
          }
        }
        const last = found.at(-1);
        if (last === undefined || found.length < exportedAtOnce.identities) return;
        after = last.id;
      }
    },
  };
}

export async function describeIndex(client: Client, known: KnownIndex): Promise<GallerySummary> {
  const { index, name, kind, model, created } = known;
  const { hits, aggregations } = await client.search<IdentityDocument, { templates: estypes.AggregationsSumAggregate }>(
    {
      index,
      size: 0,
      track_total_hits: true,
      query: { term: { live: true } },
      aggs: { templates: { sum: { field: 'template_count' } } },
    },
  );
  const identities = typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0);
  return { name, kind, model, created, identities, templates: aggregations?.templates.value ?? 0 };
}

export async function countRejections(client: Client, { index }: KnownIndex): Promise<number> {
  const { aggregations } = await client.search<unknown, { count: estypes.AggregationsSumAggregate }>({
    index,
    size: 0,
    aggs: { count: { sum: { field: 'rejection_count' } } },
  });
  return aggregations?.count.value ?? 0;
}

/** Lucene marks deleted documents, and lets go of their bytes when it writes their segment anew. */
export function placesOf(templates: number, rejections = 0): Erased['places'] {
  return [
    { place: 'Elasticsearch', templates },
    { place: 'Elasticsearch, bytes of deleted documents until their segments are merged', templates },
    ...(rejections === 0 ? [] : [{ place: 'rejected faces in Elasticsearch', templates: rejections }]),
  ];
}

function conditions({ after, name, metadata = {} }: PageFilter): estypes.QueryDslQueryContainer[] {
  const filter: estypes.QueryDslQueryContainer[] = [{ term: { live: true } }];
  if (after !== null) filter.push({ range: { key: { gt: keyOf(after) } } });
  if (name !== undefined) {
    const text = foldName(name.text);
    filter.push(name.match === 'exact' ? { term: { folded_name: text } } : { prefix: { folded_name: text } });
  }
  for (const [entry, value] of Object.entries(metadata)) filter.push({ term: { entries: `${entry}=${value}` } });
  return filter;
}

function inPortions(found: readonly { readonly id: IdentityId; readonly templates: number }[]): IdentityId[][] {
  const portions: IdentityId[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const { id, templates } of found) {
    if (size + templates > exportedAtOnce.templates) {
      portions.push([]);
      size = 0;
    }
    portions.at(-1)!.push(id);
    size += templates;
  }
  return portions;
}
