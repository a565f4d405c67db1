import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { plainVectors, type VectorSeal } from '../encryption/vector-seal.ts';
import { type ListedTemplate, type TemplateRow, toListed } from './template-table.ts';

export type RejectionTable = ReturnType<typeof createRejectionTable>;

type Row = Record<string, SQLOutputValue>;

/** Faces that are known not to be an identity; they go with its row. */
export function createRejectionTable(database: DatabaseSync, seal: VectorSeal = plainVectors) {
  const statements = {
    add: database.prepare(
      `INSERT INTO rejection (id, gallery, identity, vector, source_sha256, detector, created)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    any: database.prepare('SELECT 1 FROM rejection WHERE gallery = ? LIMIT 1'),
    count: database.prepare('SELECT count(*) AS count FROM rejection WHERE gallery = ?'),
    ofIdentity: database.prepare('SELECT * FROM rejection WHERE identity = ? ORDER BY key'),
    listed: database.prepare(
      'SELECT id, source_sha256, detector, created FROM rejection WHERE identity = ? ORDER BY key',
    ),
    countOf: database.prepare('SELECT count(*) AS count FROM rejection WHERE identity = ?'),
    vectors: database.prepare('SELECT id, gallery, vector FROM rejection WHERE identity = ?'),
    remove: database.prepare('DELETE FROM rejection WHERE identity = ? AND id = ?'),
    give: database.prepare('UPDATE rejection SET identity = ? WHERE identity = ?'),
    trim: database.prepare(
      `DELETE FROM rejection WHERE identity = ?1 AND key NOT IN
       (SELECT key FROM rejection WHERE identity = ?1 ORDER BY created DESC, key DESC LIMIT ?2)`,
    ),
    dropEnrolled: database.prepare(
      `DELETE FROM rejection WHERE identity = ?1 AND source_sha256 IN
       (SELECT source_sha256 FROM template WHERE identity = ?1)`,
    ),
    clear: database.prepare('DELETE FROM rejection WHERE gallery = ?'),
    isKnown: database.prepare('SELECT 1 FROM rejection WHERE gallery = ? AND id = ?'),
  };

  function vectorOf({ id, gallery, vector }: Row): Float32Array {
    if (!(vector instanceof Uint8Array)) throw new TypeError('rejection.vector: expected a blob');
    return seal.open(vector, { gallery: Number(gallery), row: rejectionRow(String(id)) });
  }

  const toFace = (row: Row): TemplateRow => ({ key: Number(row.key), ...toListed(row), vector: vectorOf(row) });

  return {
    add(gallery: number, identity: number, face: Omit<TemplateRow, 'key'>): void {
      const { id, vector, sourceSha256, detector, created } = face;
      const bytes = seal.seal(vector, { gallery, row: rejectionRow(id) });
      statements.add.run(id, gallery, identity, bytes, sourceSha256, detector, created);
    },
    /** Whether anybody of a gallery has one: where not, a search asks no further. */
    any: (gallery: number): boolean => statements.any.get(gallery) !== undefined,
    count: (gallery: number): number => Number(statements.count.get(gallery)?.count),
    isKnown: (gallery: number, id: string): boolean => statements.isKnown.get(gallery, id) !== undefined,
    /** In the order in which they were added. */
    of: (identity: number): TemplateRow[] => statements.ofIdentity.all(identity).map(toFace),
    /** Without the vectors, which cost something to open where they are sealed. */
    listed: (identity: number): ListedTemplate[] => statements.listed.all(identity).map(toListed),
    countOf: (identity: number): number => Number(statements.countOf.get(identity)?.count),
    vectors: (identity: number): Float32Array[] => statements.vectors.all(identity).map(vectorOf),
    /** Whether it was there. */
    remove: (identity: number, id: string): boolean => Number(statements.remove.run(identity, id).changes) > 0,
    /** All of one identity's become another's, of which the newest `most` stay. */
    give(from: number, to: number, most: number): void {
      statements.give.run(to, from);
      statements.trim.run(to, most);
    },
    /** Forgets those that a template of the identity is of the same image as. */
    dropEnrolled(identity: number): void {
      statements.dropEnrolled.run(identity);
    },
    clear(gallery: number): void {
      statements.clear.run(gallery);
    },
  };
}

/** As sealed-columns.ts names it. */
function rejectionRow(id: string): string {
  return `rejection:${id}`;
}
