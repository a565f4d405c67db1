import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import { foldName, type IdentityFields, type Metadata } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { IdentitySummary, Page } from './store.ts';

/** The row of an identity. */
export type IdentityRow = IdentitySummary & { readonly key: number };

export type IdentityTable = ReturnType<typeof createIdentityTable>;

type Row = Record<string, SQLOutputValue>;

const select = `SELECT key, id, name, metadata, created, updated,
    (SELECT count(*) FROM template WHERE identity = identity.key) AS templates
  FROM identity WHERE gallery = ?`;

/** Behind every character: the end of all names that begin alike. */
const lastCharacter = '\u{10FFFF}';

export function createIdentityTable(database: DatabaseSync) {
  const statements = {
    one: database.prepare(`${select} AND id = ?`),
    add: database.prepare('INSERT INTO identity (gallery, id, created, updated) VALUES (?, ?, ?, ?) RETURNING key'),
    setFields: database.prepare('UPDATE identity SET name = ?, folded_name = ?, metadata = ? WHERE key = ?'),
    setPerson: database.prepare('UPDATE identity SET person = ?, updated = ? WHERE key = ?'),
    touch: database.prepare('UPDATE identity SET updated = ? WHERE key = ?'),
    person: database.prepare('SELECT person FROM identity WHERE key = ?'),
    people: database.prepare('SELECT id, person FROM identity WHERE gallery = ? ORDER BY id LIMIT ?'),
    peopleAfter: database.prepare('SELECT id, person FROM identity WHERE gallery = ? AND id > ? ORDER BY id LIMIT ?'),
    remove: database.prepare('DELETE FROM identity WHERE key = ?'),
    dropEntries: database.prepare('DELETE FROM metadata_entry WHERE identity = ?'),
    addEntry: database.prepare('INSERT INTO metadata_entry (identity, entry, value) VALUES (?, ?, ?)'),
  };
  /** By their SQL: which filters a page has. */
  const pages = new Map<string, StatementSync>();

  function prepared(sql: string): StatementSync {
    const known = pages.get(sql) ?? database.prepare(sql);
    pages.set(sql, known);
    return known;
  }

  return {
    get(gallery: number, id: IdentityId): IdentityRow | null {
      const row = statements.one.get(gallery, sqlId(id));
      return row === undefined ? null : toIdentity(row);
    },
    add(gallery: number, id: IdentityId, created: string, updated: string): number {
      return Number(statements.add.get(gallery, sqlId(id), created, updated)?.key);
    },
    setFields(key: number, { name, metadata }: IdentityFields): void {
      statements.setFields.run(name, name === null ? null : foldName(name), JSON.stringify(metadata), key);
      statements.dropEntries.run(key);
      for (const [entry, value] of Object.entries(metadata)) statements.addEntry.run(key, entry, String(value));
    },
    setPerson(key: number, person: Float32Array | null, updated: string): void {
      statements.setPerson.run(person === null ? null : toBytes(person), updated, key);
    },
    touch(key: number, updated: string): void {
      statements.touch.run(updated, key);
    },
    /** Null where it has no templates, or is gone. */
    person: (key: number): Float32Array | null => toPerson(statements.person.get(key)?.person),
    /** The first at most `limit` of a gallery behind an id, each with its person vector. */
    people(gallery: number, after: IdentityId | null, limit: number) {
      const rows =
        after === null
          ? statements.people.all(gallery, limit)
          : statements.peopleAfter.all(gallery, sqlId(after), limit);
      return rows.map(({ id, person }) => ({ id: toId(id), vector: toPerson(person) }));
    },
    /** With its templates and metadata. */
    remove(key: number): void {
      statements.remove.run(key);
    },
    page(gallery: number, page: Page): IdentityRow[] {
      const { clauses, values } = conditions(page);
      const sql = [select, ...clauses, 'ORDER BY id LIMIT ?'].join(' AND ').replace(' AND ORDER', ' ORDER');
      return prepared(sql)
        .all(gallery, ...values, page.limit)
        .map(toIdentity);
    },
  };
}

/** A page's filters in SQL; at most as many shapes as metadata may have entries. */
function conditions({ after, name, metadata = {} }: Page): { clauses: string[]; values: SQLInputValue[] } {
  const clauses: string[] = [];
  const values: SQLInputValue[] = [];
  if (after !== null) {
    clauses.push('id > ?');
    values.push(sqlId(after));
  }
  if (name?.match === 'exact') {
    clauses.push('folded_name = ?');
    values.push(foldName(name.text));
  } else if (name !== undefined) {
    clauses.push('folded_name >= ? AND folded_name < ?');
    values.push(foldName(name.text), foldName(name.text) + lastCharacter);
  }
  for (const [entry, value] of Object.entries(metadata)) {
    clauses.push('key IN (SELECT identity FROM metadata_entry WHERE entry = ? AND value = ?)');
    values.push(entry, value);
  }
  return { clauses, values };
}

/** node:sqlite binds numbers as REAL, which the column refuses; a bigint is an INTEGER. */
function sqlId(id: IdentityId): SQLInputValue {
  return typeof id === 'number' ? BigInt(id) : id;
}

function toPerson(value: SQLOutputValue | undefined): Float32Array | null {
  return value instanceof Uint8Array ? toFloat32Array(value) : null;
}

export function toBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

export function toId(value: SQLOutputValue | undefined): IdentityId {
  return typeof value === 'number' ? value : String(value);
}

function toIdentity(row: Row): IdentityRow {
  return {
    key: Number(row.key),
    id: toId(row.id),
    name: row.name === null ? null : String(row.name),
    // Written above, from metadata that was checked.
    metadata: JSON.parse(String(row.metadata)) as Metadata,
    templates: Number(row.templates),
    created: String(row.created),
    updated: String(row.updated),
  };
}
