import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { IdentityId } from '../core/identity-id.ts';
import { createOpenedVectors } from '../encryption/opened-vectors.ts';
import { plainVectors, type VectorSeal } from '../encryption/vector-seal.ts';
import { toId } from './identity-table.ts';
import type { Template } from './store.ts';

/** The row of a template; its gallery's fingerprint is its own. */
export type TemplateRow = Omit<Template, 'fingerprint'> & { readonly key: number };

export type ListedTemplate = Omit<TemplateRow, 'key' | 'vector'>;

/** Whose a template is, and its vector, which costs something to open where it is sealed. */
export type Owned = { readonly identity: number; readonly id: IdentityId; vector(): Float32Array };

export type Keyed = { readonly key: number; readonly vector: Float32Array };

export type TemplateTable = ReturnType<typeof createTemplateTable>;

type Row = Record<string, SQLOutputValue>;

/** Whose consent has not expired by the time in the place of the `?`. */
const consents = '(i.consent_expires IS NULL OR i.consent_expires > ?)';

/**
 * `now` says which consents hold: who has none that does is as good as gone for searches, and for the check of their recall. `opened`:
 * where searches look vectors up.
 */
export function createTemplateTable(
  database: DatabaseSync,
  now: () => Date,
  seal: VectorSeal = plainVectors,
  opened = createOpenedVectors(seal),
) {
  const statements = {
    add: database.prepare(
      `INSERT INTO template (id, gallery, identity, vector, source_sha256, detector, created)
       VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING key`,
    ),
    known: database.prepare('SELECT 1 FROM template WHERE gallery = ? AND id = ?'),
    one: database.prepare('SELECT * FROM template WHERE identity = ? AND id = ?'),
    ofIdentity: database.prepare('SELECT * FROM template WHERE identity = ? ORDER BY key'),
    listed: database.prepare(
      'SELECT id, source_sha256, detector, created FROM template WHERE identity = ? ORDER BY key',
    ),
    keysOf: database.prepare('SELECT key FROM template WHERE identity = ? ORDER BY key'),
    firstOf: database.prepare('SELECT key, gallery, id, vector FROM template WHERE identity = ? ORDER BY key LIMIT ?'),
    owned: database.prepare(
      `SELECT i.key AS identity, i.id AS owner, t.key, t.id, t.gallery, t.vector FROM template t JOIN identity i ON i.key = t.identity
       WHERE t.key = ? AND t.gallery = ? AND ${consents}`,
    ),
    remove: database.prepare('DELETE FROM template WHERE key = ?'),
    give: database.prepare('UPDATE template SET identity = ? WHERE key = ?'),
    count: database.prepare('SELECT templates FROM gallery WHERE key = ?'),
    keys: database.prepare('SELECT key FROM template WHERE gallery = ? ORDER BY key'),
    vector: database.prepare('SELECT gallery, id, vector FROM template WHERE key = ?'),
    behind: database.prepare(
      'SELECT key, gallery, id, vector FROM template WHERE gallery = ? AND key > ? ORDER BY key LIMIT ?',
    ),
    searchable: database.prepare(
      `SELECT t.key, t.gallery, t.id, t.vector FROM template t JOIN identity i ON i.key = t.identity
       WHERE t.gallery = ? AND t.key > ? AND ${consents} ORDER BY t.key LIMIT ?`,
    ),
    newest: database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'template'"),
  };
  statements.keys.setReturnArrays(true);

  function vectorOf({ vector, gallery, id }: Row): Float32Array {
    return seal.open(toBlob(vector), { gallery: Number(gallery), row: templateRow(String(id)) });
  }

  function openedOf({ vector, key, gallery, id }: Row): Float32Array {
    const row = { key: Number(key), gallery: Number(gallery), name: () => templateRow(String(id)) };
    return opened.open(toBlob(vector), row);
  }

  const toKeyed = (row: Row): Keyed => ({ key: Number(row.key), vector: vectorOf(row) });

  function toTemplate(row: Row): TemplateRow {
    return {
      key: Number(row.key),
      ...toListed(row),
      vector: vectorOf(row),
    };
  }

  return {
    add(gallery: number, identity: number, template: Omit<TemplateRow, 'key'>): number {
      const { id, vector, sourceSha256, detector, created } = template;
      const bytes = seal.seal(vector, { gallery, row: templateRow(id) });
      const row = statements.add.get(id, gallery, identity, bytes, sourceSha256, detector, created);
      return Number(row?.key);
    },
    isKnown: (gallery: number, id: string): boolean => statements.known.get(gallery, id) !== undefined,
    get(identity: number, id: string): TemplateRow | null {
      const row = statements.one.get(identity, id);
      return row === undefined ? null : toTemplate(row);
    },
    of: (identity: number): TemplateRow[] => statements.ofIdentity.all(identity).map(toTemplate),
    /** Without the vectors, which cost something to open where they are sealed. */
    listed: (identity: number): ListedTemplate[] => statements.listed.all(identity).map(toListed),
    keysOf: (identity: number): number[] => statements.keysOf.all(identity).map(({ key }) => Number(key)),
    /** The vectors of the first at most `count` of an identity. */
    firstOf: (identity: number, count: number): Float32Array[] => statements.firstOf.all(identity, count).map(openedOf),
    /** Null where the template is gone, another gallery's, or of somebody whose consent has expired. */
    owned(gallery: number, key: number): Owned | null {
      const row = statements.owned.get(key, gallery, now().getTime());
      if (row === undefined) return null;
      return { identity: Number(row.identity), id: toId(row.owner), vector: () => openedOf(row) };
    },
    remove(key: number): void {
      statements.remove.run(key);
      opened.clear();
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
      return row === undefined ? null : vectorOf(row);
    },
    /** The first at most `count` of a gallery behind a key. */
    behind: (gallery: number, key: number, count: number): Keyed[] =>
      statements.behind.all(gallery, key, count).map(toKeyed),
    /** The same of those that a search may find. */
    searchable: (gallery: number, key: number, count: number): Keyed[] =>
      statements.searchable.all(gallery, key, now().getTime(), count).map(toKeyed),
    /** The highest key that was ever given. */
    newest: (): number => Number(statements.newest.get()?.seq ?? 0),
  };
}

function toBlob(value: SQLOutputValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('template.vector: expected a blob');
  return value;
}

export function toListed(row: Row): ListedTemplate {
  return {
    id: String(row.id),
    sourceSha256: String(row.source_sha256),
    detector: String(row.detector),
    created: String(row.created),
  };
}

/** As sealed-columns.ts names it. */
function templateRow(id: string): string {
  return `template:${id}`;
}
