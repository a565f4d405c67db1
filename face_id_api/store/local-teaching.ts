import { randomUUID } from 'node:crypto';
import type { VectorBasis } from '../core/vector-basis.ts';
import type { GalleryChanges, Tables } from './change-gallery.ts';
import type { DatabaseAccess } from './database-access.ts';
import {
  clusterNotFound,
  expectDistinctRoom,
  expectNotEnrolled,
  expectRejectionRoom,
  expectTemplates,
  expectTwo,
  rejectionNotFound,
} from './gallery-rules.ts';
import type { IdentityRow } from './identity-table.ts';
import type { Enrolment, Erased, GalleryModel, TemplateSummary } from './store.ts';
import type { Person, Teaching } from './teaching.ts';
import type { ListedTemplate } from './template-table.ts';

export type LocalTeachingDeps = {
  readonly access: DatabaseAccess;
  readonly tables: Tables;
  /** The gallery's row. */
  readonly key: number;
  readonly changes: GalleryChanges;
  /** The model whose vectors come in. */
  readonly model: GalleryModel;
  readonly stamp: () => string;
  /** The model whose vectors the gallery holds. */
  readonly held: () => GalleryModel;
  /** @throws ServiceError MODEL_MISMATCH when the gallery holds another model's templates */
  readonly expectModel: () => void;
  /** Before vectors of the present model come in: an empty gallery takes it. */
  readonly acceptModel: () => void;
  /** How vectors come in and go out, now. */
  readonly basis: () => VectorBasis;
  /** Enrols, with what is to happen in the same transaction. */
  readonly enrol: (enrolment: Enrolment, also: () => void) => { readonly count: number };
};

/** What a local gallery was taught; as its other calls, each does all of its work in the turn in which it is called. */
export function createLocalTeaching(deps: LocalTeachingDeps): Teaching {
  const { access, tables, key, changes, model, stamp, held, expectModel, acceptModel, basis, enrol } = deps;
  const { identities, templates, rejections, pairs, unknowns } = tables;

  function wiped(count: number): Erased {
    // Also with nothing to erase: an earlier removal may have failed to.
    access.wipeLog();
    return { identities: 0, templates: count, places: [{ place: 'database', templates: count }] };
  }

  function two(a: IdentityRow['id'], b: IdentityRow['id']): [IdentityRow, IdentityRow] {
    expectTwo(a, b);
    return [changes.find(a), changes.find(b)];
  }

  return {
    async reject(id, faces) {
      expectTemplates(faces, model.dimension);
      if (faces.length === 0) throw new RangeError('faces: expected at least one');
      acceptModel();
      const created = stamp();
      const news = faces.map(face => ({ ...face, id: randomUUID(), created }));
      access.transaction(() => {
        const row = changes.find(id);
        expectNotEnrolled(news, templates.of(row.key));
        for (const face of news) rejections.add(key, row.key, { ...face, vector: basis().into(face.vector) });
        expectRejectionRoom(rejections.countOf(row.key));
        identities.touch(row.key, created);
      });
      return news.map(face => toSummary(face, model.fingerprint));
    },
    listRejections: async id =>
      access.reading(() => rejections.listed(changes.find(id).key).map(face => toSummary(face, held().fingerprint))),
    async removeRejection(id, rejection) {
      access.transaction(() => {
        const row = changes.find(id);
        if (!rejections.remove(row.key, rejection)) throw rejectionNotFound();
        identities.touch(row.key, stamp());
      });
      return wiped(1);
    },
    async people({ limit, after }) {
      const rows = access.reading(() => identities.people(key, { after, limit, now: Date.parse(stamp()) }));
      const last = rows.at(-1);
      const people = rows.flatMap(({ id, vector }): Person[] =>
        vector === null ? [] : [{ id, vector: basis().outOf(vector) }],
      );
      return { people, next: last !== undefined && rows.length === limit ? last.id : null };
    },
    async setDistinct(a, b, areTwo) {
      access.transaction(() => {
        const [first, second] = two(a, b);
        if (!areTwo) return pairs.remove(first.key, second.key);
        pairs.add(first.key, second.key);
        for (const row of [first, second]) expectDistinctRoom(pairs.keysOf(row.key).length);
      });
    },
    listDistinct: async id => access.reading(() => pairs.of(changes.find(id).key)),
    async keepUnknowns(faces, most) {
      expectTemplates(faces, model.dimension);
      acceptModel();
      access.transaction(() => {
        for (const face of faces) {
          unknowns.add(key, { ...face, vector: basis().into(face.vector), id: randomUUID() });
        }
        unknowns.trim(key, most);
      });
    },
    async listUnknowns(since) {
      expectModel();
      if (held().fingerprint !== model.fingerprint) return [];
      const found = access.reading(() => unknowns.since(key, since));
      return found.map(face => ({ ...face, vector: basis().outOf(face.vector) }));
    },
    oldestUnknown: async () => access.reading(() => unknowns.oldest(key)),
    async enrolUnknowns(enrolment, ids) {
      const { count } = enrol(enrolment, () => {
        if (unknowns.remove(key, ids) === 0) throw clusterNotFound();
      });
      // Those that became no templates are gone for good.
      access.wipeLog();
      return { templates: count };
    },
    async removeUnknowns(which) {
      const count = access.transaction(() =>
        'ids' in which ? unknowns.remove(key, which.ids) : unknowns.removeBefore(key, which.seenBefore),
      );
      return wiped(count);
    },
  };
}

function toSummary(face: ListedTemplate, fingerprint: string): TemplateSummary {
  const { id, sourceSha256, detector, created } = face;
  return { id, sourceSha256, detector, created, fingerprint };
}
