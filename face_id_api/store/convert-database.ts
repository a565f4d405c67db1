import type { DatabaseSync } from 'node:sqlite';
import { type Conversion, type Converted, planTurn, type Turn, turn } from '../encryption/conversion.ts';
import { createDatabaseAccess } from './database-access.ts';
import { createGalleryTable } from './gallery-table.ts';
import { newDataKey, type Sealing, sealingOf, unwrapDataKey, wrapDataKey } from './open-sealing.ts';
import { type SealedColumn, sealedColumns } from './sealed-columns.ts';
import { createSealingTable } from './sealing-table.ts';
import { wipeDatabase } from './wipe-database.ts';

const rowsAtOnce = 1000;

/**
 * Makes a database's vectors as they are to be, in one transaction: a process that is killed has changed nothing, or everything. What
 * was there before is wiped from the file after it, by the next start at the latest. Saved indexes of another kind count no more.
 * @throws StartError or ServiceError where `from` does not open what is there; nothing is changed then
 */
export function convertDatabase(database: DatabaseSync, conversion: Conversion): Converted {
  const { from, to, renew } = conversion;
  const galleries = createGalleryTable(database);
  const table = createSealingTable(database);
  const converted = createDatabaseAccess(database).transaction(() => {
    // What was being erased when a process was killed need not be read any more.
    for (const key of galleries.retired()) {
      galleries.shrink(key, Number.MAX_SAFE_INTEGER);
      galleries.drop(key);
    }
    const wrapped = table.dataKey();
    const oldKey = wrapped === null ? null : unwrapDataKey(from, wrapped);
    const newKey = to === null ? null : oldKey === null || renew ? newDataKey() : oldKey;
    const turns = galleries.all().map(row => ({ row, ...planTurn(row, conversion) }));
    const turned = turns.filter(({ before, after }) => before !== after).map(({ row }) => row.name);
    let rewritten = 0;
    if (oldKey !== newKey || turned.length > 0) {
      const turnOf = new Map(turns.map(one => [one.row.key, one]));
      const sealings = [sealingOf(oldKey, galleries), sealingOf(newKey, galleries)] as const;
      for (const column of sealedColumns) rewritten += rewrite(column, sealings, turnOf);
      for (const { row } of turns) galleries.setFile(row.key, null);
    }
    for (const { row, rotation } of turns) galleries.setRotation(row.key, rotation);
    table.setDataKey(to === null || newKey === null ? null : wrapDataKey(to, newKey));
    table.setWipeOwed(true);
    return { rewritten, turned };
  });
  wipeDatabase(database, table);
  return converted;

  function rewrite(
    column: SealedColumn,
    [old, fresh]: readonly [Sealing, Sealing],
    turnOf: ReadonlyMap<number, Turn>,
  ): number {
    const { next, update } = statementsOf(database, column);
    let count = 0;
    for (let after = 0, read = rowsAtOnce; read === rowsAtOnce; ) {
      const rows = next.all(after, rowsAtOnce);
      for (const { key, gallery, row, vector } of rows) {
        const place = { gallery: Number(gallery), row: String(row) };
        const opened = old.vectors.open(vector as Uint8Array, place);
        update.run(fresh.vectors.seal(turn(turnOf.get(place.gallery)!, opened), place), key!);
      }
      after = Number(rows.at(-1)?.key ?? after);
      read = rows.length;
      count += read;
    }
    return count;
  }
}

function statementsOf(database: DatabaseSync, { table, column, gallery, row }: SealedColumn) {
  return {
    next: database.prepare(
      `SELECT key, ${gallery} AS gallery, ${row} AS row, ${column} AS vector FROM ${table}
       WHERE key > ? AND ${column} IS NOT NULL ORDER BY key LIMIT ?`,
    ),
    update: database.prepare(`UPDATE ${table} SET ${column} = ? WHERE key = ?`),
  };
}
