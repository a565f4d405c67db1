import { randomUUID } from 'node:crypto';
import type { Client, estypes } from '@elastic/elasticsearch';
import { foldName, noFields, patchFields } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { VectorBasis } from '../core/vector-basis.ts';
import type { GalleryRotations } from '../encryption/gallery-rotations.ts';
import { changeElasticsearch } from './elasticsearch-change.ts';
import { describeIndex, placesOf } from './elasticsearch-counts.ts';
import {
  type Identity,
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
  type ConsentRule,
  expectTemplates,
  expectVector,
  modelMismatch,
  nothingErased,
  templateNotFound,
  unknownId,
  vectorsMismatch,
} from './gallery-rules.ts';
import type { Enrolment, Erased, Gallery, GalleryModel, IdentityRecord, Page, Template } from './store.ts';

export type ElasticsearchGalleryDeps = {
  readonly client: Client;
  readonly identities: ElasticsearchIdentities;
  readonly unknowns: ElasticsearchUnknowns;
  /** The model whose vectors are put and searched. */
  readonly model: GalleryModel;
  readonly rotations: GalleryRotations;
  readonly stamp: () => string;
  readonly consents: ConsentRule;
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
  const { client, identities, unknowns, model, rotations, stamp, consents, use, rebind, offer, expunge } = deps;
  const changes = changeElasticsearch(client, identities, stamp, consents);

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

  /** What went since its page was read is not there any more. */
  async function readRecords(index: KnownIndex, ids: readonly IdentityId[]): Promise<IdentityRecord[]> {
    const { outOf } = rotations.basisOf(index);
    return (await identities.readMany(index, ids)).flatMap(held => {
      if (!held?.document.live) return [];
      return turnedRecord(toRecord(held.document, index.model.fingerprint), outOf);
    });
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
    const { templates } = await useOwn(index => {
      const added = turned(news, rotations.basisOf(index).into);
      return identities.change(index, id, old => {
        const known = patchFields(old ?? noFields, fields ?? {});
        consents.enrol(known);
        return {
          ...old,
          ...known,
          id,
          created: old?.created ?? now,
          updated: now,
          seen: old?.seen ?? null,
          templates: mode === 'append' ? [...(old?.templates ?? []), ...added] : added,
        };
      });
    });
    return { templates: templates.length, added: news.map(template => template.id) };
  }

  return {
    ...createElasticsearchTeaching({
      ...{ client, identities, unknowns, model, rotations, stamp, use, useOwn, expectModel, find, put },
      erased: (index, templates) => erased(index, 0, templates),
    }),
    describe: () => use(index => describeIndex(client, index)),
    async search(probes, options) {
      for (const probe of probes) expectVector(probe, model.dimension);
      options.signal.throwIfAborted();
      return await use(async index => {
        const { isEmpty } = await expectModel(index);
        if (isEmpty) return probes.map(() => []);
        const asked = probes.map(rotations.basisOf(index).into);
        const found = await searchElasticsearch(client, index, asked, options);
        if (options.by !== 'person') {
          for (const [i, probe] of asked.entries()) offer(index, probe, found[i]?.[0]?.score ?? null);
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
        const vector = rotations.basisOf(index).outOf(found.vector);
        return { ...found, vector, fingerprint: index.model.fingerprint };
      }),
    update: (id, patch) =>
      use(async index =>
        summaryOf(
          await identities.change(index, id, old => {
            if (old === null) throw unknownId();
            const known = patchFields(old, patch);
            consents.change(old, known);
            return { ...old, ...known, updated: stamp() };
          }),
        ),
      ),
    see: days => use(index => identities.see(index, days)),
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
          throw vectorsMismatch(owner, model, alien.fingerprint);
        }
        expectTemplates(added, owner.dimension);
        const { into } = rotations.basisOf(index);
        await changes.import(
          index,
          records.map(record => turnedRecord(record, into)),
        );
      });
    },
    async *export() {
      for (let after: IdentityId | null = null; ; ) {
        const found = await use(async index =>
          (await page(index, { after }, exportedAtOnce.identities)).map(toSummary),
        );
        for (const ids of inPortions(found)) {
          yield* await use(index => readRecords(index, ids));
        }
        const last = found.at(-1);
        if (last === undefined || found.length < exportedAtOnce.identities) return;
        after = last.id;
      }
    },
  };
}

function turned<T extends { readonly vector: Float32Array }>(templates: readonly T[], turn: VectorBasis['into']): T[] {
  return templates.map(template => ({ ...template, vector: turn(template.vector) }));
}

function turnedRecord({ templates, rejections, ...record }: IdentityRecord, turn: VectorBasis['into']): IdentityRecord {
  return {
    ...record,
    templates: turned(templates, turn),
    ...(rejections && { rejections: turned(rejections, turn) }),
  };
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

/** Ids in portions of at most as many templates together as are to be read at once. */
export function inPortions(found: readonly { readonly id: IdentityId; readonly templates: number }[]): IdentityId[][] {
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
