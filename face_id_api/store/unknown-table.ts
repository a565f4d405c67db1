import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { toBytes } from './identity-table.ts';
import type { UnknownFace } from './teaching.ts';
import { toVector } from './template-table.ts';

export type UnknownTable = ReturnType<typeof createUnknownTable>;

/** Faces that nobody was found for; they go with their gallery's row. */
export function createUnknownTable(database: DatabaseSync) {
  const statements = {
    add: database.prepare('INSERT INTO unknown_face (id, gallery, vector, detector, seen) VALUES (?, ?, ?, ?, ?)'),
    trim: database.prepare(
      `DELETE FROM unknown_face WHERE key IN
       (SELECT key FROM unknown_face WHERE gallery = ? ORDER BY seen DESC, key DESC LIMIT -1 OFFSET ?)`,
    ),
    since: database.prepare('SELECT * FROM unknown_face WHERE gallery = ? AND seen >= ? ORDER BY seen, key'),
    remove: database.prepare('DELETE FROM unknown_face WHERE gallery = ? AND id = ?'),
    removeBefore: database.prepare('DELETE FROM unknown_face WHERE gallery = ? AND seen < ?'),
    count: database.prepare('SELECT count(*) AS count FROM unknown_face WHERE gallery = ?'),
    clear: database.prepare('DELETE FROM unknown_face WHERE gallery = ?'),
  };

  return {
    add(gallery: number, { id, vector, detector, seen }: UnknownFace): void {
      statements.add.run(id, gallery, toBytes(vector), detector, seen);
    },
    /** Forgets all but the newest `most`; how many went. */
    trim: (gallery: number, most: number): number => Number(statements.trim.run(gallery, most).changes),
    /** Those seen at this time or later, the oldest first. */
    since: (gallery: number, seen: string): UnknownFace[] => statements.since.all(gallery, seen).map(toUnknown),
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

function toUnknown(row: Record<string, SQLOutputValue>): UnknownFace {
  return {
    id: String(row.id),
    vector: toVector(row.vector),
    detector: String(row.detector),
    seen: String(row.seen),
  };
}
