import { randomUUID } from 'node:crypto';
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { Enrolment, GalleryModel, IdentitySummary, NewTemplate, Removed } from './store.ts';

/** The rows of one gallery. Nothing here opens a transaction: that is the caller's. */
export type GalleryTable = ReturnType<typeof createGalleryTable>;

type Row = Record<string, SQLOutputValue>;

const summary = `SELECT id, created, updated, (SELECT count(*) FROM template WHERE identity = identity.key) AS templates
  FROM identity WHERE gallery = ?`;

export function createGalleryTable(database: DatabaseSync, name: string) {
  const statements = {
    gallery: database.prepare('SELECT key, model, fingerprint, dimension FROM gallery WHERE name = ?'),
    addGallery: database.prepare(
      'INSERT INTO gallery (name, model, fingerprint, dimension, created) VALUES (?, ?, ?, ?, ?) RETURNING key',
    ),
    setModel: database.prepare('UPDATE gallery SET model = ?, fingerprint = ?, dimension = ? WHERE key = ?'),
    putIdentity: database.prepare(
      `INSERT INTO identity (gallery, id, created, updated) VALUES (?1, ?2, ?3, ?3)
       ON CONFLICT (gallery, id) DO UPDATE SET updated = excluded.updated RETURNING key`,
    ),
    dropTemplates: database.prepare('DELETE FROM template WHERE identity = ?'),
    addTemplate: database.prepare(
      'INSERT INTO template (id, identity, vector, source_sha256, detector, created) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    countOf: database.prepare('SELECT count(*) AS templates FROM template WHERE identity = ?'),
    counts: database.prepare(
      `SELECT count(DISTINCT i.key) AS identities, count(t.id) AS templates
       FROM identity i LEFT JOIN template t ON t.identity = i.key WHERE i.gallery = ?1 AND (?2 IS NULL OR i.id = ?2)`,
    ),
    drop: database.prepare('DELETE FROM identity WHERE gallery = ?1 AND (?2 IS NULL OR id = ?2)'),
    any: database.prepare('SELECT 1 FROM identity WHERE gallery = ? LIMIT 1'),
    one: database.prepare(`${summary} AND id = ?`),
    page: database.prepare(`${summary} ORDER BY id LIMIT ?`),
    pageAfter: database.prepare(`${summary} AND id > ? ORDER BY id LIMIT ?`),
    vectors: database.prepare(
      `SELECT i.id, t.vector FROM identity i JOIN template t ON t.identity = i.key
       WHERE i.gallery = ? ORDER BY i.key, t.rowid`,
    ),
  };
  let key = 0;

  return {
    /** The model that the gallery belongs to; makes the gallery for `model` when it is new. */
    open(model: GalleryModel, created: string): GalleryModel {
      const row = statements.gallery.get(name);
      if (row === undefined) {
        key = Number(statements.addGallery.get(name, model.name, model.fingerprint, model.dimension, created)?.key);
        return model;
      }
      key = Number(row.key);
      return { name: String(row.model), fingerprint: String(row.fingerprint), dimension: Number(row.dimension) };
    },
    setModel(model: GalleryModel): void {
      statements.setModel.run(model.name, model.fingerprint, model.dimension, key);
    },
    /** How many templates the identity has afterwards. */
    put({ id, templates, mode }: Enrolment, now: string): number {
      const identity = Number(statements.putIdentity.get(key, sqlId(id), now)?.key);
      if (mode === 'replace') statements.dropTemplates.run(identity);
      for (const template of templates) insertTemplate(identity, template, now);
      return Number(statements.countOf.get(identity)?.templates);
    },
    /** Null removes everybody. */
    remove(id: IdentityId | null): Removed {
      const wanted = id === null ? null : sqlId(id);
      const removed = count(wanted);
      statements.drop.run(key, wanted);
      return removed;
    },
    size: (): Removed => count(null),
    isEmpty: (): boolean => statements.any.get(key) === undefined,
    get(id: IdentityId): IdentitySummary | null {
      const row = statements.one.get(key, sqlId(id));
      return row === undefined ? null : toSummary(row);
    },
    page(limit: number, after: IdentityId | null): IdentitySummary[] {
      const rows =
        after === null ? statements.page.all(key, limit) : statements.pageAfter.all(key, sqlId(after), limit);
      return rows.map(toSummary);
    },
    /** Every template, an identity's together. */
    *vectors(): Generator<{ id: IdentityId; vector: Float32Array }> {
      for (const row of statements.vectors.iterate(key)) {
        if (!(row.vector instanceof Uint8Array)) throw new TypeError('template.vector: expected a blob');
        yield { id: toId(row.id), vector: toFloat32Array(row.vector) };
      }
    },
  };

  /** Null counts everybody. */
  function count(id: SQLInputValue): Removed {
    const row = statements.counts.get(key, id);
    return { identities: Number(row?.identities), templates: Number(row?.templates) };
  }

  function insertTemplate(identity: number, { vector, sourceSha256, detector }: NewTemplate, now: string): void {
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    statements.addTemplate.run(randomUUID(), identity, bytes, sourceSha256, detector, now);
  }
}

/** node:sqlite binds numbers as REAL, which the column refuses; a bigint is an INTEGER. */
function sqlId(id: IdentityId): SQLInputValue {
  return typeof id === 'number' ? BigInt(id) : id;
}

function toSummary(row: Row): IdentitySummary {
  return {
    id: toId(row.id),
    templates: Number(row.templates),
    created: String(row.created),
    updated: String(row.updated),
  };
}

function toId(value: SQLOutputValue | undefined): IdentityId {
  return typeof value === 'number' ? value : String(value);
}
