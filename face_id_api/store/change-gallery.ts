import { randomUUID } from 'node:crypto';
import { type IdentityPatch, noFields, patchFields } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { personVector } from '../core/person-vector.ts';
import {
  type ConsentRule,
  expectRejectionRoom,
  expectRoom,
  identityExists,
  templateExists,
  templateNotFound,
  unknownId,
  withoutEnrolled,
} from './gallery-rules.ts';
import type { GalleryTable } from './gallery-table.ts';
import type { IdentityRow, IdentityTable } from './identity-table.ts';
import type { PairTable } from './pair-table.ts';
import type { RejectionTable } from './rejection-table.ts';
import type { Enrolment, IdentityRecord, Move } from './store.ts';
import { maxRejections } from './teaching.ts';
import type { Keyed, TemplateRow, TemplateTable } from './template-table.ts';
import type { UnknownTable } from './unknown-table.ts';

export type Tables = {
  readonly galleries: GalleryTable;
  readonly identities: IdentityTable;
  readonly templates: TemplateTable;
  readonly rejections: RejectionTable;
  readonly pairs: PairTable;
  readonly unknowns: UnknownTable;
};

/** What a change did to the vectors: for the index, once it is committed. */
export type Changed = { readonly added: readonly Keyed[]; readonly removed: readonly number[] };

/** What can be done to the rows of a gallery; each call belongs into a transaction, and leaves every person vector current. */
export type GalleryChanges = ReturnType<typeof createGalleryChanges>;

export function createGalleryChanges(
  { galleries, identities, templates, rejections, pairs }: Tables,
  gallery: number,
  stamp: () => string,
  consents: ConsentRule,
) {
  function find(id: IdentityId): IdentityRow {
    const row = identities.get(gallery, id);
    if (row === null) throw unknownId();
    return row;
  }

  function findTemplate({ key }: IdentityRow, id: string): TemplateRow {
    const row = templates.get(key, id);
    if (row === null) throw templateNotFound();
    return row;
  }

  function add(identity: number, template: Omit<TemplateRow, 'key'>): Keyed {
    return { key: templates.add(gallery, identity, template), vector: template.vector };
  }

  /** To be called when the templates of an identity have changed. */
  function settle(identity: number, updated: string): void {
    const vectors = templates.of(identity).map(({ vector }) => vector);
    expectRoom(vectors.length);
    identities.setPerson(gallery, identity, personVector(vectors), updated);
    rejections.dropEnrolled(identity);
  }

  /** What an identity was taught, for the one that takes its place. */
  function taughtOf(old: IdentityRow | null): { faces: readonly TemplateRow[]; others: readonly number[] } {
    return old === null ? { faces: [], others: [] } : { faces: rejections.of(old.key), others: pairs.keysOf(old.key) };
  }

  function removeOne(row: IdentityRow): number[] {
    const keys = templates.keysOf(row.key);
    identities.remove(row.key);
    return keys;
  }

  /** So that no saved index can bring back what is erased. */
  function forgetFile(): void {
    galleries.setFile(gallery, null);
  }

  return {
    find,
    findTemplate,
    put({ id, templates: given, mode, fields }: Enrolment): Changed & { count: number; ids: string[] } {
      const now = stamp();
      const row = identities.get(gallery, id);
      const known = patchFields(row ?? noFields, fields ?? {});
      consents.enrol(known);
      const key = row?.key ?? identities.add(gallery, id, now, now);
      const removed = mode === 'replace' ? templates.keysOf(key) : [];
      for (const old of removed) templates.remove(old);
      const news = given.map(template => ({ ...template, id: randomUUID(), created: now }));
      const added = news.map(template => add(key, template));
      if (fields !== undefined) identities.setFields(key, known);
      settle(key, now);
      const count = (row?.templates ?? 0) - removed.length + added.length;
      return { added, removed, count, ids: news.map(template => template.id) };
    },
    update(id: IdentityId, patch: IdentityPatch): void {
      const row = find(id);
      const known = patchFields(row, patch);
      consents.change(row, known);
      identities.setFields(row.key, known);
      identities.touch(row.key, stamp());
    },
    see(days: ReadonlyMap<IdentityId, string>): void {
      for (const [id, day] of days) identities.see(gallery, id, day);
    },
    move({ templates: ids, from, to, toNew, fields }: Move): void {
      const source = find(from);
      const moved = ids.map(id => findTemplate(source, id));
      if (toNew && identities.get(gallery, to) !== null) {
        throw identityExists();
      }
      const known = patchFields(toNew ? noFields : find(to), fields ?? {});
      consents.enrol(known);
      const now = stamp();
      const target = toNew ? identities.add(gallery, to, now, now) : find(to).key;
      if (fields !== undefined) identities.setFields(target, known);
      for (const { key } of moved) templates.give(key, target);
      settle(source.key, now);
      settle(target, now);
    },
    merge(from: IdentityId, into: IdentityId): void {
      const source = find(from);
      const target = find(into);
      consents.enrol(target);
      for (const key of templates.keysOf(source.key)) templates.give(key, target.key);
      rejections.give(source.key, target.key, maxRejections);
      pairs.give(source.key, target.key);
      identities.remove(source.key);
      if (source.seen !== null) identities.see(gallery, into, source.seen);
      settle(target.key, stamp());
    },
    removeTemplate(id: IdentityId, template: string): number[] {
      const row = find(id);
      const { key } = findTemplate(row, template);
      templates.remove(key);
      settle(row.key, stamp());
      forgetFile();
      return [key];
    },
    /** Null where nobody had the id. */
    remove(id: IdentityId): number[] | null {
      const row = identities.get(gallery, id);
      if (row === null) return null;
      forgetFile();
      return removeOne(row);
    },
    importOne(record: IdentityRecord): Changed {
      const old = identities.get(gallery, record.id);
      const taught = taughtOf(old);
      const removed = old === null ? [] : removeOne(old);
      const key = identities.add(gallery, record.id, record.created, record.updated);
      identities.setFields(key, patchFields(noFields, record));
      if (record.seen !== null) identities.see(gallery, record.id, record.seen);
      const added = record.templates.map(template => {
        if (!templates.isKnown(gallery, template.id)) return add(key, template);
        throw templateExists();
      });
      expectRoom(added.length);
      const faces = withoutEnrolled<Omit<TemplateRow, 'key'>>(record.rejections ?? taught.faces, record.templates);
      expectRejectionRoom(faces.length);
      for (const face of faces) {
        if (rejections.isKnown(gallery, face.id)) throw templateExists();
        rejections.add(gallery, key, face);
      }
      for (const other of taught.others) pairs.add(key, other);
      identities.setPerson(gallery, key, personVector(added.map(({ vector }) => vector)), record.updated);
      return { added, removed };
    },
  };
}
