import type { DatabaseSync } from 'node:sqlite';
import { ServiceError } from '../../detector/errors.ts';
import { translateSqliteError } from './sqlite-error.ts';

/** How the store touches its database; faults of the medium come out as STORAGE_FAILED. */
export type DatabaseAccess = ReturnType<typeof createDatabaseAccess>;

export function createDatabaseAccess(database: DatabaseSync) {
  return {
    /** Durable when it returns; nothing of it is kept when `work` throws. */
    transaction<T>(work: () => T): T {
      try {
        database.exec('BEGIN IMMEDIATE');
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
        throw translateSqliteError(error);
      }
    },
    reading<T>(work: () => T): T {
      try {
        return work();
      } catch (error) {
        throw translateSqliteError(error);
      }
    },
    /** Deleted pages are zeroed by secure_delete, but the log still holds them as they were. */
    wipeLog(): void {
      try {
        const done = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
        if (done?.busy !== 0) throw new Error('the write-ahead log is in use');
      } catch (cause) {
        throw notWiped(cause);
      }
    },
  };
}

/** A removal that is durable and found by no search, but left traces. */
export function notWiped(cause: unknown): ServiceError {
  const message =
    'The identities are deleted, but their bytes could not be wiped from the disk yet: the next removal or start tries again';
  return new ServiceError('STORAGE_FAILED', message, { cause });
}
