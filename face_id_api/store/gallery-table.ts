import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { sealedColumns, selectVector } from './sealed-columns.ts';
import type { GalleryModel, GallerySummary, NewGallery } from './store.ts';

/** The row of a gallery; `file` names its saved index, `rotation` is the wrapped seed of how its vectors are turned. */
export type GalleryRow = GallerySummary & {
  readonly key: number;
  readonly rotation: string | null;
  readonly file: { readonly name: string; readonly sha256: string } | null;
};

export type GalleryTable = ReturnType<typeof createGalleryTable>;

/** A name that no gallery can be given: what is named so is on its way out. */
const retired = '#';

const selectAll = `SELECT * FROM gallery WHERE name NOT LIKE '${retired}%' ORDER BY name`;

/** Nothing here opens a transaction, nor in the other tables: that is the caller's. */
export function createGalleryTable(database: DatabaseSync) {
  const statements = {
    all: database.prepare(selectAll),
    one: database.prepare('SELECT * FROM gallery WHERE key = ?'),
    add: database.prepare(
      'INSERT INTO gallery (name, kind, model, fingerprint, dimension, created, rotation) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *',
    ),
    bind: database.prepare('UPDATE gallery SET model = ?, fingerprint = ?, dimension = ? WHERE key = ?'),
    setRotation: database.prepare('UPDATE gallery SET rotation = ? WHERE key = ?'),
    rename: database.prepare('UPDATE gallery SET name = ? WHERE key = ?'),
    setFile: database.prepare('UPDATE gallery SET index_file = ?, index_sha256 = ? WHERE key = ?'),
    retire: database.prepare(`UPDATE gallery SET name = '${retired}' || key, index_file = NULL WHERE key = ?`),
    retired: database.prepare(`SELECT key FROM gallery WHERE name LIKE '${retired}%'`),
    shrink: database.prepare(
      'DELETE FROM identity WHERE key IN (SELECT key FROM identity WHERE gallery = ? ORDER BY id LIMIT ?)',
    ),
    drop: database.prepare('DELETE FROM gallery WHERE key = ?'),
    hasVectors: database.prepare(
      `SELECT ${sealedColumns.map(one => `EXISTS (${selectVector(one)} AND ${one.gallery} = ?1)`).join(' OR ')} AS has`,
    ),
  };

  const fingerprints = new Map<number, string>();

  function get(key: number): GalleryRow {
    const row = statements.one.get(key);
    if (row === undefined) throw new Error(`gallery ${key}: expected a row, got none`);
    return toGallery(row);
  }

  return {
    all: (): GalleryRow[] => statements.all.all().map(toGallery),
    get,
    /** Of its model, as every vector is sealed with it. */
    fingerprintOf(key: number): string {
      const known = fingerprints.get(key) ?? get(key).model.fingerprint;
      fingerprints.set(key, known);
      return known;
    },
    add({ name, kind, model, rotation }: NewGallery & Pick<GalleryRow, 'rotation'>, now: string): GalleryRow {
      const { name: modelName, fingerprint, dimension } = model;
      return toGallery(statements.add.get(name, kind, modelName, fingerprint, dimension, now, rotation)!);
    },
    bind(key: number, model: GalleryModel): void {
      fingerprints.delete(key);
      statements.bind.run(model.name, model.fingerprint, model.dimension, key);
    },
    /** Whether there is any vector in it, be it nobody's. */
    hasVectors: (key: number): boolean => statements.hasVectors.get(key)?.has === 1,
    setRotation(key: number, rotation: string | null): void {
      statements.setRotation.run(rotation, key);
    },
    /** Each has the other's name afterwards. */
    exchangeNames(one: GalleryRow, other: GalleryRow): void {
      statements.rename.run(`${retired}exchanged`, one.key);
      statements.rename.run(one.name, other.key);
      statements.rename.run(other.name, one.key);
    },
    setFile(key: number, file: GalleryRow['file']): void {
      statements.setFile.run(file?.name ?? null, file?.sha256 ?? null, key);
    },
    /** Takes its name away: from here on it is no gallery any more, and `shrink` and `drop` are owed to it. */
    retire(key: number): void {
      statements.retire.run(key);
    },
    retired: (): number[] => statements.retired.all().map(({ key }) => Number(key)),
    /** Deletes at most `count` identities; how many there were. */
    shrink: (key: number, count: number): number => Number(statements.shrink.run(key, count).changes),
    drop(key: number): void {
      statements.drop.run(key);
    },
  };
}

/** The galleries of a database that an earlier version may have written. */
export function readGalleries(database: DatabaseSync): GalleryRow[] {
  return database.prepare(selectAll).all().map(toGallery);
}

function toGallery(row: Record<string, SQLOutputValue>): GalleryRow {
  return {
    key: Number(row.key),
    name: String(row.name),
    kind: String(row.kind),
    model: { name: String(row.model), fingerprint: String(row.fingerprint), dimension: Number(row.dimension) },
    created: String(row.created),
    identities: Number(row.identities),
    templates: Number(row.templates),
    file: row.index_file === null ? null : { name: String(row.index_file), sha256: String(row.index_sha256) },
    rotation: typeof row.rotation === 'string' ? row.rotation : null,
  };
}
