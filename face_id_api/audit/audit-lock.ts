import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { sqliteCode } from '../store/sqlite-error.ts';

export type AuditLock = {
  /** Runs work while no other process does; rejects where it cannot begin within `waitMs`. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
};

const pauseMs = 5;
const busy = 5;

/**
 * One process at a time, over all that have the file. The lock is the kernel's, taken by an empty SQLite database that is never
 * written to: it goes with its process however that ends, and no stale one is ever left.
 */
export function openAuditLock(file: string, waitMs = 10_000): AuditLock {
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 0 });

  async function take(): Promise<void> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      try {
        return database.exec('BEGIN IMMEDIATE');
      } catch (cause) {
        if (sqliteCode(cause) !== busy) throw cause;
        if (Date.now() > deadline) throw new Error('another process holds it', { cause });
        await delay(pauseMs);
      }
    }
  }

  return {
    async hold(work) {
      await take();
      try {
        return await work();
      } finally {
        database.exec('ROLLBACK');
      }
    },
    close: () => database.close(),
  };
}
