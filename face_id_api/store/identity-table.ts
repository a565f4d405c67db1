import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { type Consent, expiryOf } from '../core/consent.ts';
import { foldName, type IdentityFields, type Metadata } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { createOpenedVectors } from '../encryption/opened-vectors.ts';
import { plainVectors, type VectorSeal } from '../encryption/vector-seal.ts';
import type { IdentitySummary, Page } from './store.ts';

/** The row of an identity. */
export type IdentityRow = IdentitySummary & { readonly key: number };

export type IdentityTable = ReturnType<typeof createIdentityTable>;

type Row = Record<string, SQLOutputValue>;

const select = `SELECT key, id, name, metadata, consent, created, updated, seen,
    (SELECT count(*) FROM template WHERE identity = identity.key) AS templates
  FROM identity WHERE gallery = ?`;

const selectPeople = `SELECT key, id, person FROM identity
  WHERE gallery = ? AND (consent_expires IS NULL OR consent_expires > ?)`;

/** Behind every character: the end of all names that begin alike. */
const lastCharacter = '\u{10FFFF}';

/** `opened`: where searches look vectors up. */
export function createIdentityTable(
  database: DatabaseSync,
  seal: VectorSeal = plainVectors,
  opened = createOpenedVectors(seal),
) {
  const statements = {
    one: database.prepare(`${select} AND id = ?`),
    add: database.prepare('INSERT INTO identity (gallery, id, created, updated) VALUES (?, ?, ?, ?) RETURNING key'),
    setFields: database.prepare(
      `UPDATE identity SET name = ?, folded_name = ?, metadata = ?, consent = ?, consent_expires = ? WHERE key = ?`,
    ),
    see: database.prepare(
      'UPDATE identity SET seen = ?1 WHERE gallery = ?2 AND id = ?3 AND (seen IS NULL OR seen < ?1)',
    ),
    setPerson: database.prepare('UPDATE identity SET person = ?, updated = ? WHERE key = ?'),
    touch: database.prepare('UPDATE identity SET updated = ? WHERE key = ?'),
    person: database.prepare('SELECT gallery, person FROM identity WHERE key = ?'),
    people: database.prepare(`${selectPeople} ORDER BY id LIMIT ?`),
    peopleAfter: database.prepare(`${selectPeople} AND id > ? ORDER BY id LIMIT ?`),
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
    setFields(key: number, { name, metadata, consent }: IdentityFields): void {
      const folded = name === null ? null : foldName(name);
      const [text, end] = consent === null ? [null, null] : [JSON.stringify(consent), expiryOf(consent)];
      statements.setFields.run(name, folded, JSON.stringify(metadata), text, end, key);
      statements.dropEntries.run(key);
      for (const [entry, value] of Object.entries(metadata)) statements.addEntry.run(key, entry, String(value));
    },
    /** Never back to an earlier day; nothing where nobody has the id. */
    see(gallery: number, id: IdentityId, day: string): void {
      statements.see.run(day, gallery, sqlId(id));
    },
    setPerson(gallery: number, key: number, person: Float32Array | null, updated: string): void {
      const bytes = person === null ? null : seal.seal(person, { gallery, row: personRow(key) });
      statements.setPerson.run(bytes, updated, key);
    },
    touch(key: number, updated: string): void {
      statements.touch.run(updated, key);
    },
    /** Null where it has no templates, or is gone. */
    person(key: number): Float32Array | null {
      const { gallery, person } = statements.person.get(key) ?? {};
      if (!(person instanceof Uint8Array)) return null;
      // Templates have the numbers above zero.
      return opened.open(person, { key: -key, gallery: Number(gallery), name: () => personRow(key) });
    },
    /** The first at most `limit` of a gallery behind an id whose consent has not expired by `now`, each with its person vector. */
    people(gallery: number, { after, limit, now }: { after: IdentityId | null; limit: number; now: number }) {
      const rows =
        after === null
          ? statements.people.all(gallery, now, limit)
          : statements.peopleAfter.all(gallery, now, sqlId(after), limit);
      return rows.map(({ key, id, person }) => ({
        id: toId(id),
        vector: person instanceof Uint8Array ? seal.open(person, { gallery, row: personRow(Number(key)) }) : null,
      }));
    },
    /** With its templates and metadata. */
    remove(key: number): void {
      statements.remove.run(key);
      opened.clear();
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

/** As sealed-columns.ts names it. */
function personRow(key: number): string {
  return `person:${key}`;
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
    consent: row.consent === null ? null : (JSON.parse(String(row.consent)) as Consent),
    templates: Number(row.templates),
    created: String(row.created),
    updated: String(row.updated),
    seen: row.seen === null ? null : String(row.seen),
  };
}
