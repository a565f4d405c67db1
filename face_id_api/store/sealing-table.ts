import type { DatabaseSync } from 'node:sqlite';

/** Whether and how a database's vectors are encrypted: one row, in the transactions of the caller. */
export type SealingTable = ReturnType<typeof createSealingTable>;

export function createSealingTable(database: DatabaseSync) {
  const statements = {
    get: database.prepare('SELECT data_key, wipe_owed FROM sealing'),
    setDataKey: database.prepare('UPDATE sealing SET data_key = ?'),
    setWipeOwed: database.prepare('UPDATE sealing SET wipe_owed = ?'),
  };

  return {
    /** The data key as the master key wrapped it; null: vectors are plain. */
    dataKey(): string | null {
      const found = statements.get.get()?.data_key;
      return typeof found === 'string' ? found : null;
    },
    setDataKey(wrapped: string | null): void {
      statements.setDataKey.run(wrapped);
    },
    /** Whether bytes from before a conversion may be left in the file. */
    isWipeOwed: (): boolean => statements.get.get()?.wipe_owed === 1,
    setWipeOwed(owed: boolean): void {
      statements.setWipeOwed.run(Number(owed));
    },
  };
}
