import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IdentityId } from '../core/identity-id.ts';
import { mapConcurrently } from '../core/map-concurrently.ts';
import type { GalleryRotations } from '../encryption/gallery-rotations.ts';
import { shareThread } from '../share-thread.ts';
import { isBeside, notInStep } from './beside-name.ts';
import { createGalleryChanges, type Tables } from './change-gallery.ts';
import { type DatabaseAccess, notWiped } from './database-access.ts';
import {
  type ConsentRule,
  expectTemplates,
  expectTwo,
  expectVector,
  modelMismatch,
  nothingErased,
  vectorsMismatch,
} from './gallery-rules.ts';
import { createGallerySearch } from './gallery-search.ts';
import type { GalleryRow } from './gallery-table.ts';
import { createGalleryVectors, type GalleryVectors, type VectorsDeps } from './gallery-vectors.ts';
import type { IdentityRow } from './identity-table.ts';
import { createLocalTeaching } from './local-teaching.ts';
import type { RecallCheck } from './recall-check.ts';
import type {
  Enrolment,
  Erased,
  Gallery,
  GalleryModel,
  GallerySummary,
  IdentityRecord,
  IdentitySummary,
  Template,
  TemplateSummary,
} from './store.ts';
import type { TemplateRow } from './template-table.ts';

export type LocalGalleryDeps = VectorsDeps & {
  readonly access: DatabaseAccess;
  readonly tables: Tables;
  /** The model whose vectors are put and searched. */
  readonly model: GalleryModel;
  readonly recall: RecallCheck;
  readonly rotations: GalleryRotations;
  readonly consents: ConsentRule;
  readonly stamp: () => string;
};

/**
 * A gallery of the local store: what everybody sees of it, and what its store does with it. `removeAll` is its store's. Nothing is
 * to be asked before its vectors are loaded; what changes it is done in the turn in which it is called, up to the commit.
 */
export type LocalGallery = Omit<Gallery, 'removeAll'> & {
  readonly key: number;
  row(): GalleryRow;
  /** @throws ServiceError MODEL_MISMATCH when it holds another model's templates */
  expectModel(): void;
  /** Its model becomes this one; for a gallery without templates. */
  bind(model: GalleryModel): void;
  vectors(): GalleryVectors;
};

/** Longest that searches hold the thread before others get a turn. */
const sliceMs = 10;
/** Faces of a photo that the index is asked for together: it searches for several at a time, a thread each. */
const searchesAtOnce = 16;
/** Identities that an export reads in one turn. */
const exportedAtOnce = 50;

export function createLocalGallery(deps: LocalGalleryDeps, first: GalleryRow): LocalGallery {
  const { access, tables, model, recall, rotations, consents } = deps;
  const { galleries, identities, templates, rejections, unknowns } = tables;
  const { key } = first;
  const stamp = (): string => (isBeside(galleries.get(key).name) ? notInStep : deps.stamp());
  const changes = createGalleryChanges(tables, key, stamp, consents);
  /** Vectors come in and go out by it; everything between is in its directions. */
  let basis = rotations.basisOf(first);
  let vectors = createGalleryVectors(deps, first);
  const search = createGallerySearch(tables, () => vectors, key);

  const row = (): GalleryRow => access.reading(() => galleries.get(key));
  const read = <T>(work: () => T): T => access.reading(work);

  function bind(to: GalleryModel): void {
    access.transaction(() => {
      galleries.bind(key, to);
      galleries.setFile(key, null);
      rejections.clear(key);
      unknowns.clear(key);
    });
    const bound = galleries.get(key);
    vectors.drop().catch(() => {});
    basis = rotations.basisOf(bound);
    vectors = createGalleryVectors(deps, bound);
  }

  function expectModel(): GalleryRow {
    const owner = row();
    if (owner.templates > 0 && owner.model.fingerprint !== model.fingerprint) throw modelMismatch(owner.model, model);
    return owner;
  }

  /** Before vectors of the present model come in: an empty gallery takes it. */
  function acceptModel(): void {
    if (expectModel().model.fingerprint !== model.fingerprint) bind(model);
  }

  /** A change is committed, then told to the vectors; between the two nothing else runs. */
  function change<T extends { added: readonly { key: number; vector: Float32Array }[]; removed: readonly number[] }>(
    work: () => T,
  ): T {
    const changed = access.transaction(work);
    vectors.forget(changed.removed);
    vectors.add(changed.added);
    return changed;
  }

  function enrol(enrolment: Enrolment, also: () => void = () => {}): ReturnType<typeof changes.put> {
    expectTemplates(enrolment.templates, model.dimension);
    if (enrolment.templates.length === 0) throw new RangeError('templates: expected at least one');
    acceptModel();
    // Memory first: after the commit nothing may fail any more.
    vectors.reserve(enrolment.templates.length);
    return change(() => {
      also();
      return changes.put({ ...enrolment, templates: turned(enrolment.templates) });
    });
  }

  async function erase(keys: readonly number[], gone: number, rejected = 0): Promise<Erased> {
    const places = await vectors.erase(keys).catch(cause => {
      throw notWiped(cause);
    });
    access.wipeLog();
    return {
      identities: gone,
      templates: keys.length,
      places: [
        { place: 'database', templates: keys.length },
        { place: 'memory', templates: places.memory },
        { place: 'index', templates: places.index },
        { place: 'saved index', templates: places.file },
        ...rejectedPlace(rejected),
      ],
    };
  }

  function summaryOf(id: IdentityId): IdentitySummary {
    return toSummary(changes.find(id));
  }

  function templatesOf(identity: number): Template[] {
    const { fingerprint } = galleries.get(key).model;
    return templates.of(identity).map(template => toTemplate(template, fingerprint));
  }

  function toTemplate({ key: _, vector, ...template }: TemplateRow, fingerprint: string): Template {
    return { ...template, vector: basis.outOf(vector), fingerprint };
  }

  const turned = <T extends { readonly vector: Float32Array }>(given: readonly T[]): T[] =>
    given.map(template => ({ ...template, vector: basis.into(template.vector) }));

  function turnedRecord(record: IdentityRecord): IdentityRecord {
    const { templates: own, rejections: not } = record;
    return { ...record, templates: turned(own), ...(not && { rejections: turned(not) }) };
  }

  function toRecord({ key: identity, ...found }: IdentityRow): IdentityRecord {
    const { fingerprint } = galleries.get(key).model;
    const rejected = rejections.of(identity).map(face => toTemplate(face, fingerprint));
    return { ...found, templates: templatesOf(identity), ...(rejected.length > 0 && { rejections: rejected }) };
  }

  const held = (): GalleryModel => galleries.get(key).model;

  return {
    ...createLocalTeaching({
      ...{ access, tables, key, changes, model, stamp, held, expectModel, acceptModel, enrol },
      basis: () => basis,
    }),
    key,
    row,
    expectModel,
    bind,
    vectors: () => vectors,
    describe: async () => toGallerySummary(row()),
    async search(probes, { topK, by = 'template', signal }) {
      for (const probe of probes) expectVector(probe, model.dimension);
      signal.throwIfAborted();
      if (expectModel().templates === 0) return probes.map(() => []);
      const turn = shareThread(sliceMs);
      return mapConcurrently(probes, { limit: searchesAtOnce, signal }, async (given, _, either) => {
        await turn();
        either.throwIfAborted();
        const probe = basis.into(given);
        const candidates = await search(probe, { topK, by });
        if (by === 'template' && vectors.indexed()) recall.offer(key, probe, candidates[0]?.score ?? null);
        return candidates;
      });
    },
    async put(enrolment) {
      const { count, ids } = enrol(enrolment);
      return { templates: count, added: ids };
    },
    get: async id =>
      read(() => {
        const found = identities.get(key, id);
        return found === null ? null : toSummary(found);
      }),
    async list(page) {
      const found = read(() => identities.page(key, { ...page, limit: page.limit + 1 }));
      return { identities: found.slice(0, page.limit).map(toSummary), hasMore: found.length > page.limit };
    },
    listTemplates: async id =>
      read(() => {
        const { fingerprint } = galleries.get(key).model;
        return templates.listed(changes.find(id).key).map((one): TemplateSummary => ({ ...one, fingerprint }));
      }),
    readTemplate: async (id, template) =>
      read(() => toTemplate(changes.findTemplate(changes.find(id), template), galleries.get(key).model.fingerprint)),
    async update(id, patch) {
      access.transaction(() => changes.update(id, patch));
      return read(() => summaryOf(id));
    },
    see: async days => access.transaction(() => changes.see(days)),
    async move(move) {
      if (move.templates.length === 0) throw new RangeError('templates: expected at least one');
      expectTwo(move.from, move.to);
      access.transaction(() => changes.move(move));
      return read(() => ({ from: summaryOf(move.from), to: summaryOf(move.to) }));
    },
    async merge(from, into) {
      expectTwo(from, into);
      access.transaction(() => changes.merge(from, into));
      return read(() => summaryOf(into));
    },
    async removeTemplate(id, template) {
      return erase(
        access.transaction(() => changes.removeTemplate(id, template)),
        0,
      );
    },
    async remove(id) {
      const { keys, rejected } = access.transaction(() => {
        const row = identities.get(key, id);
        return { rejected: row === null ? 0 : rejections.countOf(row.key), keys: changes.remove(id) };
      });
      if (keys !== null) return erase(keys, 1, rejected);
      // An earlier removal may have failed to.
      access.wipeLog();
      return nothingErased;
    },
    async import(records) {
      const added = records.flatMap(({ templates: own, rejections: not = [] }) => [...own, ...not]);
      if (added.some(({ fingerprint }) => fingerprint === model.fingerprint)) acceptModel();
      const owner = row();
      const alien = added.find(({ fingerprint }) => fingerprint !== owner.model.fingerprint);
      if (alien !== undefined) throw vectorsMismatch(owner.model, model, alien.fingerprint);
      expectTemplates(added, owner.model.dimension);
      if (new Set(records.map(({ id }) => id)).size < records.length) {
        throw new RangeError('records: expected every id once');
      }
      vectors.reserve(added.length);
      change(() => {
        const each = records.map(record => changes.importOne(turnedRecord(record)));
        return { added: each.flatMap(one => one.added), removed: each.flatMap(one => one.removed) };
      });
    },
    async *export() {
      for (let after: IdentityId | null = null; ; ) {
        const page = read(() => identities.page(key, { limit: exportedAtOnce, after }));
        for (const found of page) {
          // What went since the page was read is not there any more.
          const now = read(() => identities.get(key, found.id));
          if (now !== null) yield read(() => toRecord(now));
        }
        const last = page.at(-1);
        if (last === undefined || page.length < exportedAtOnce) return;
        after = last.id;
        await nextTurn();
      }
    },
  };
}

/** Where faces that are not somebody were, for a receipt. */
export function rejectedPlace(count: number): Erased['places'] {
  return count === 0 ? [] : [{ place: 'rejected faces in the database', templates: count }];
}

export function toGallerySummary({ key: _, file: __, rotation: ___, ...summary }: GalleryRow): GallerySummary {
  return summary;
}

function toSummary({ key: _, ...summary }: IdentityRow): IdentitySummary {
  return summary;
}
