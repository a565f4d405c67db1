import { randomUUID } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import { compareIds, type IdentityId } from '../core/identity-id.ts';
import type { GalleryRotations } from '../encryption/gallery-rotations.ts';
import type { Replacement } from './elasticsearch-changes.ts';
import { type Identity, type IdentityDocument, idOf, keyOf, toDocument } from './elasticsearch-documents.ts';
import type { Held } from './elasticsearch-held.ts';
import { type ElasticsearchIdentities, live } from './elasticsearch-identities.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';
import { consentExpired } from './elasticsearch-search.ts';
import type { ElasticsearchUnknowns } from './elasticsearch-unknowns.ts';
import {
  clusterNotFound,
  expectNotEnrolled,
  expectRejectionRoom,
  expectTemplates,
  expectTwo,
  rejectionNotFound,
  unknownId,
} from './gallery-rules.ts';
import type { Enrolment, Erased, GalleryModel } from './store.ts';
import type { Person, Teaching } from './teaching.ts';

export type ElasticsearchTeachingDeps = {
  readonly client: Client;
  readonly identities: ElasticsearchIdentities;
  readonly unknowns: ElasticsearchUnknowns;
  readonly model: GalleryModel;
  readonly rotations: GalleryRotations;
  readonly stamp: () => string;
  readonly use: <T>(work: (index: KnownIndex) => Promise<T>) => Promise<T>;
  /** With an index of the present model, which an empty gallery takes. */
  readonly useOwn: <T>(work: (index: KnownIndex) => Promise<T>) => Promise<T>;
  /** Whether an index holds nothing of another model. @throws ServiceError MODEL_MISMATCH where it holds templates of one */
  readonly expectModel: (index: KnownIndex) => Promise<{ readonly isEmpty: boolean }>;
  readonly find: (index: KnownIndex, id: IdentityId) => Promise<Identity>;
  readonly put: (enrolment: Enrolment) => Promise<{ readonly templates: number }>;
  /** Of a deletion in this index: its receipt, with the bytes to go, too. */
  readonly erased: (index: Pick<KnownIndex, 'index'>, templates: number) => Erased;
};

/** What a gallery of Elasticsearch was taught: in the documents of its identities, and in the index of unknown faces. */
export function createElasticsearchTeaching(deps: ElasticsearchTeachingDeps): Teaching {
  const { client, identities, unknowns, model, rotations, stamp, use, useOwn, expectModel, find, put, erased } = deps;

  return {
    async reject(id, faces) {
      expectTemplates(faces, model.dimension);
      if (faces.length === 0) throw new RangeError('faces: expected at least one');
      const created = stamp();
      const news = faces.map(face => ({ ...face, vector: face.vector.slice(), id: randomUUID(), created }));
      await useOwn(index => {
        const { into } = rotations.basisOf(index);
        const added = news.map(face => ({ ...face, vector: into(face.vector) }));
        return identities.change(index, id, old => {
          if (old === null) throw unknownId();
          expectNotEnrolled(news, old.templates);
          const rejections = [...(old.rejections ?? []), ...added];
          expectRejectionRoom(rejections.length);
          return { ...old, rejections, updated: created };
        });
      });
      return news.map(({ vector: _, ...face }) => ({ ...face, fingerprint: model.fingerprint }));
    },
    listRejections: id =>
      use(async index => {
        const { rejections = [] } = await find(index, id);
        return rejections.map(({ vector: _, ...face }) => ({ ...face, fingerprint: index.model.fingerprint }));
      }),
    removeRejection: (id, rejection) =>
      use(async index => {
        await identities.change(index, id, old => {
          if (old === null) throw unknownId();
          const { rejections = [] } = old;
          const left = rejections.filter(one => one.id !== rejection);
          if (left.length === rejections.length) throw rejectionNotFound();
          return { ...old, rejections: left, updated: stamp() };
        });
        return erased(index, 1);
      }),
    people: ({ limit, after }) =>
      use(async index => {
        const range = after === null ? [] : [{ range: { key: { gt: keyOf(after) } } }];
        const { hits } = await client.search<Pick<IdentityDocument, 'key' | 'person'>>({
          index: index.index,
          size: limit,
          query: { bool: { filter: [{ term: { live: true } }, ...range], must_not: [consentExpired] } },
          sort: [{ key: 'asc' }],
          _source: { includes: ['key', 'person'], exclude_vectors: false },
          track_total_hits: false,
        });
        const found = hits.hits.flatMap(({ _source }) => _source ?? []);
        const { outOf } = rotations.basisOf(index);
        const people = found.flatMap(({ key, person }): Person[] =>
          person === undefined ? [] : [{ id: idOf(key), vector: outOf(Float32Array.from(person)) }],
        );
        const last = found.at(-1);
        return { people, next: last !== undefined && found.length === limit ? idOf(last.key) : null };
      }),
    async setDistinct(a, b, areTwo) {
      expectTwo(a, b);
      await use(index =>
        identities.changeTogether(index, async () => {
          const held = await identities.readMany(index, [a, b]);
          const both = held.map(live);
          return both.flatMap((identity, i): Replacement[] => {
            if (identity === null) throw unknownId();
            const other = keyOf(i === 0 ? b : a);
            const { distinct = [] } = identity;
            if (distinct.includes(other) === areTwo) return [];
            const changed = areTwo ? [...distinct, other] : distinct.filter(key => key !== other);
            return [replace(held[i] ?? null, { ...identity, distinct: changed })];
          });
        }),
      );
    },
    listDistinct: id =>
      use(async index => {
        const { distinct = [] } = await find(index, id);
        return distinct.map(idOf).sort(compareIds);
      }),
    async keepUnknowns(faces, most) {
      expectTemplates(faces, model.dimension);
      await useOwn(index => {
        const { into } = rotations.basisOf(index);
        const turned = faces.map(face => ({ ...face, vector: into(face.vector) }));
        return unknowns.keep(index, turned, most);
      });
    },
    listUnknowns: since =>
      use(async index => {
        if ((await expectModel(index)).isEmpty) return [];
        const { outOf } = rotations.basisOf(index);
        return (await unknowns.list(index, since)).map(face => ({ ...face, vector: outOf(face.vector) }));
      }),
    oldestUnknown: () => use(index => unknowns.oldest(index)),
    async enrolUnknowns(enrolment, ids) {
      await useOwn(async index => {
        if ((await unknowns.count(index, ids)) === 0) throw clusterNotFound();
      });
      // A process that dies between the two leaves faces that are enrolled among the unknown ones, until their term.
      const enrolled = await put(enrolment);
      await use(async index => {
        const gone = await unknowns.remove(index, { ids });
        erased({ index: unknowns.unknowns }, gone);
      });
      return { templates: enrolled.templates };
    },
    removeUnknowns: which =>
      use(async index => {
        const gone = await unknowns.remove(index, which);
        if (gone === 0) return { identities: 0, templates: 0, places: [] };
        return erased({ index: unknowns.unknowns }, gone);
      }),
  };
}

/** Makes those that an identity is told apart from forget it, before it goes. */
export async function forgetDistinct(
  identities: ElasticsearchIdentities,
  index: KnownIndex,
  { key, distinct = [] }: IdentityDocument,
): Promise<void> {
  if (distinct.length === 0) return;
  await identities.changeTogether(index, async () => {
    const held = await identities.readMany(index, distinct.map(idOf));
    return held.flatMap(one => rename(one, key, null));
  });
}

/** What others become once `from` is `into`: they are told apart from that one then. */
export function mergeDistinct(others: readonly (Held | null)[], from: IdentityId, into: IdentityId): Replacement[] {
  return others.flatMap(one => rename(one, keyOf(from), keyOf(into)));
}

/** Nothing where it does not name `key`. */
function rename(held: Held | null, key: string, now: string | null): Replacement[] {
  const identity = live(held);
  const { distinct = [] } = identity ?? {};
  if (identity === null || !distinct.includes(key)) return [];
  const left = distinct.filter(one => one !== key && one !== now);
  return [replace(held, { ...identity, distinct: now === null ? left : [...left, now] })];
}

function replace(before: Held | null, identity: Identity): Replacement {
  return { id: identity.id, before, after: written => toDocument(identity, written) };
}
