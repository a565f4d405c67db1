import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { plainVectors, type VectorSeal } from '../encryption/vector-seal.ts';
import type { UnknownFace } from './teaching.ts';

export type UnknownTable = ReturnType<typeof createUnknownTable>;

/** Faces that nobody was found for; they go with their gallery's row. */
export function createUnknownTable(database: DatabaseSync, seal: VectorSeal = plainVectors) {
  const statements = {
    add: database.prepare('INSERT INTO unknown_face (id, gallery, vector, detector, seen) VALUES (?, ?, ?, ?, ?)'),
    trim: database.prepare(
      `DELETE FROM unknown_face WHERE key IN
       (SELECT key FROM unknown_face WHERE gallery = ? ORDER BY seen DESC, key DESC LIMIT -1 OFFSET ?)`,
    ),
    since: database.prepare('SELECT * FROM unknown_face WHERE gallery = ? AND seen >= ? ORDER BY seen, key'),
    oldest: database.prepare('SELECT min(seen) AS seen FROM unknown_face WHERE gallery = ?'),
    remove: database.prepare('DELETE FROM unknown_face WHERE gallery = ? AND id = ?'),
    removeBefore: database.prepare('DELETE FROM unknown_face WHERE gallery = ? AND seen < ?'),
    count: database.prepare('SELECT count(*) AS count FROM unknown_face WHERE gallery = ?'),
    clear: database.prepare('DELETE FROM unknown_face WHERE gallery = ?'),
  };

  function toUnknown({ id, gallery, vector, detector, seen }: Record<string, SQLOutputValue>): UnknownFace {
    if (!(vector instanceof Uint8Array)) throw new TypeError('unknown_face.vector: expected a blob');
    const opened = seal.open(vector, { gallery: Number(gallery), row: unknownRow(String(id)) });
    return { id: String(id), vector: opened, detector: String(detector), seen: String(seen) };
  }

  return {
    add(gallery: number, { id, vector, detector, seen }: UnknownFace): void {
      statements.add.run(id, gallery, seal.seal(vector, { gallery, row: unknownRow(id) }), detector, seen);
    },
    /** Forgets all but the newest `most`; how many went. */
    trim: (gallery: number, most: number): number => Number(statements.trim.run(gallery, most).changes),
    /** Those seen at this time or later, the oldest first. */
    since: (gallery: number, seen: string): UnknownFace[] => statements.since.all(gallery, seen).map(toUnknown),
    /** When the oldest was seen; null where there is none. */
    oldest(gallery: number): string | null {
      const seen = statements.oldest.get(gallery)?.seen;
      return typeof seen === 'string' ? seen : null;
    },
    /** How many of these there were. */
    remove: (gallery: number, ids: readonly string[]): number =>
      ids.reduce((sum, id) => sum + Number(statements.remove.run(gallery, id).changes), 0),
    removeBefore: (gallery: number, seen: string): number => Number(statements.removeBefore.run(gallery, seen).changes),
    count: (gallery: number): number => Number(statements.count.get(gallery)?.count),
    clear(gallery: number): void {
      statements.clear.run(gallery);
    },
  };
}

/** As sealed-columns.ts names it. */
function unknownRow(id: string): string {
  return `unknown:${id}`;
}
