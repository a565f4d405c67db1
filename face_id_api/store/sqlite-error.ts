import { ServiceError } from '../../detector/errors.ts';

/** SQLite's primary result codes that speak of the medium (sqlite.org/rescode.html), with what the client is told. */
const storageFaults: Readonly<Record<number, string>> = {
  8: 'its file is read-only',
  10: 'the disk reports an error',
  11: 'its file is damaged',
  13: 'the disk is full',
  14: 'its file cannot be opened',
  26: 'its file is damaged',
};

/** The primary result code of an error of node:sqlite; null for any other error. Extended codes keep it in the low byte. */
export function sqliteCode(error: unknown): number | null {
  const isSqlite = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
  return isSqlite ? Number(error.errcode) & 0xff : null;
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: what is in the file is wrong. Any other code says something of its place, or of this program. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 11 || code === 26;
}

/** Faults of the medium as STORAGE_FAILED; our own errors and everything else as they are. */
export function translateSqliteError(error: unknown): unknown {
  const fault = storageFaults[sqliteCode(error) ?? 0];
  if (fault === undefined) return error;
  return new ServiceError('STORAGE_FAILED', `The store failed: ${fault}. Nothing of this request was kept`, {
    cause: error,
  });
}
