import type { DatabaseSync } from 'node:sqlite';
import { createDatabaseAccess } from './database-access.ts';
import type { SealingTable } from './sealing-table.ts';

/**
 * Ends a conversion: writes the whole database anew, so that no page has a byte of what it held before, and empties the log. Does
 * nothing where nothing is owed. It takes the memory of the database once more, because a file beside it would hold names.
 */
export function wipeDatabase(database: DatabaseSync, table: SealingTable): void {
  if (!table.isWipeOwed()) return;
  const access = createDatabaseAccess(database);
  database.exec('PRAGMA temp_store = MEMORY; VACUUM; PRAGMA temp_store = DEFAULT');
  access.wipeLog();
  access.transaction(() => table.setWipeOwed(false));
  access.wipeLog();
}
