import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { wrapperOf } from '../encryption/master-key.ts';
import { readGalleries } from './gallery-table.ts';
import { sealedColumns, selectVector } from './sealed-columns.ts';
import { createSealingTable } from './sealing-table.ts';
import { isDamage, sqliteCode } from './sqlite-error.ts';
import type { GallerySummary } from './store.ts';

export type InspectedDatabase =
  | { readonly state: 'absent' }
  /** Another process has it. */
  | { readonly state: 'locked' }
  | { readonly state: 'damaged'; readonly file: string; readonly reason: string }
  /** It cannot be read, which says nothing about what is in it: SQLite writes beside a database even to read it. */
  | { readonly state: 'unreadable'; readonly file: string; readonly reason: string }
  | {
      readonly state: 'open';
      readonly galleries: readonly GallerySummary[];
      /** The id of the key that vectors are encrypted under; null: they are plain. */
      readonly keyId: string | null;
      /** Whether it holds any vector, be it nobody's. */
      readonly hasVectors: boolean;
    };

const busy = 5;

/** What a data_dir's database holds, without changing it: no migration, and nothing stays locked. */
export function inspectDatabase(dataDir: string): InspectedDatabase {
  const file = path.join(dataDir, 'faces.db');
  if (!existsSync(file)) return { state: 'absent' };
  let database: DatabaseSync | null = null;
  try {
    // Opened to write, which alone can read a write-ahead log without leaving a file of shared memory beside it; nothing is written.
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON');
    const check = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (check !== 'ok') return { state: 'damaged', file, reason: String(check).replace(/\s+/g, ' ') };
    // As a start makes it before it fills it.
    if (!hasTable(database, 'gallery')) return { state: 'absent' };
    return {
      state: 'open',
      galleries: readGalleries(database),
      keyId: keyIdOf(database),
      hasVectors: hasVectors(database),
    };
  } catch (error) {
    if (sqliteCode(error) === busy) return { state: 'locked' };
    const reason = error instanceof Error ? error.message : String(error);
    return { state: isDamage(error) ? 'damaged' : 'unreadable', file, reason };
  } finally {
    database?.close();
  }
}

/** A database of an earlier version has no such table. */
function keyIdOf(database: DatabaseSync): string | null {
  const wrapped = hasTable(database, 'sealing') ? createSealingTable(database).dataKey() : null;
  return wrapped === null ? null : wrapperOf(wrapped);
}

function hasVectors(database: DatabaseSync): boolean {
  const there = sealedColumns.filter(
    ({ table, column }) => hasTable(database, table) && hasColumn(database, table, column),
  );
  return there.some(one => database.prepare(`${selectVector(one)} LIMIT 1`).get() !== undefined);
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(name) !== undefined;
}

function hasColumn(database: DatabaseSync, table: string, column: string): boolean {
  return database.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, column) !== undefined;
}
