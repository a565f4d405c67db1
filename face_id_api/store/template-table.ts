import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { toBytes, toId } from './identity-table.ts';
import type { Template } from './store.ts';

/** The row of a template; its gallery's fingerprint is its own. */
export type TemplateRow = Omit<Template, 'fingerprint'> & { readonly key: number };

/** Whose a template is, and its vector. */
export type Owned = { readonly identity: number; readonly id: IdentityId; readonly vector: Float32Array };

export type Keyed = { readonly key: number; readonly vector: Float32Array };

export type TemplateTable = ReturnType<typeof createTemplateTable>;

type Row = Record<string, SQLOutputValue>;

export function createTemplateTable(database: DatabaseSync) {
  const statements = {
    add: database.prepare(
      `INSERT INTO template (id, gallery, identity, vector, source_sha256, detector, created)
       VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING key`,
    ),
    known: database.prepare('SELECT 1 FROM template WHERE gallery = ? AND id = ?'),
    one: database.prepare('SELECT * FROM template WHERE identity = ? AND id = ?'),
    ofIdentity: database.prepare('SELECT * FROM template WHERE identity = ? ORDER BY key'),
    keysOf: database.prepare('SELECT key FROM template WHERE identity = ? ORDER BY key'),
    owned: database.prepare(
      'SELECT i.key, i.id, t.vector FROM template t JOIN identity i ON i.key = t.identity WHERE t.key = ? AND t.gallery = ?',
    ),
    remove: database.prepare('DELETE FROM template WHERE key = ?'),
    give: database.prepare('UPDATE template SET identity = ? WHERE key = ?'),
    count: database.prepare('SELECT templates FROM gallery WHERE key = ?'),
    keys: database.prepare('SELECT key FROM template WHERE gallery = ? ORDER BY key'),
    vector: database.prepare('SELECT vector FROM template WHERE key = ?'),
    behind: database.prepare('SELECT key, vector FROM template WHERE gallery = ? AND key > ? ORDER BY key LIMIT ?'),
    newest: database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'template'"),
  };
  statements.keys.setReturnArrays(true);

  return {
    add(gallery: number, identity: number, template: Omit<TemplateRow, 'key'>): number {
      const { id, vector, sourceSha256, detector, created } = template;
      const row = statements.add.get(id, gallery, identity, toBytes(vector), sourceSha256, detector, created);
      return Number(row?.key);
    },
    isKnown: (gallery: number, id: string): boolean => statements.known.get(gallery, id) !== undefined,
    get(identity: number, id: string): TemplateRow | null {
      const row = statements.one.get(identity, id);
      return row === undefined ? null : toTemplate(row);
    },
    of: (identity: number): TemplateRow[] => statements.ofIdentity.all(identity).map(toTemplate),
    keysOf: (identity: number): number[] => statements.keysOf.all(identity).map(({ key }) => Number(key)),
    /** Null where the template is gone, or another gallery's. */
    owned(gallery: number, key: number): Owned | null {
      const row = statements.owned.get(key, gallery);
      return row === undefined ? null : { identity: Number(row.key), id: toId(row.id), vector: toVector(row.vector) };
    },
    remove(key: number): void {
      statements.remove.run(key);
    },
    give(key: number, identity: number): void {
      statements.give.run(identity, key);
    },
    /** Every key of a gallery, ascending. */
    keys(gallery: number): Float64Array {
      const keys = new Float64Array(Number(statements.count.get(gallery)?.templates));
      let filled = 0;
      // One by one: a million rows as objects are memory that is never given back.
      for (const [key] of statements.keys.iterate(gallery) as unknown as Iterable<readonly [number]>)
        keys[filled++] = key;
      return keys;
    },
    /** Null where the template is gone. */
    vector(key: number): Float32Array | null {
      const row = statements.vector.get(key);
      return row === undefined ? null : toVector(row.vector);
    },
    /** The first at most `count` of a gallery behind a key. */
    behind: (gallery: number, key: number, count: number): Keyed[] =>
      statements.behind.all(gallery, key, count).map(row => ({ key: Number(row.key), vector: toVector(row.vector) })),
    /** The highest key that was ever given. */
    newest: (): number => Number(statements.newest.get()?.seq ?? 0),
  };
}

export function toTemplate(row: Row): TemplateRow {
  return {
    key: Number(row.key),
    id: String(row.id),
    vector: toVector(row.vector),
    sourceSha256: String(row.source_sha256),
    detector: String(row.detector),
    created: String(row.created),
  };
}

export function toVector(value: SQLOutputValue | undefined): Float32Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('template.vector: expected a blob');
  return toFloat32Array(value);
}
