import { closeSync, fsyncSync, mkdirSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataDirInUse, StartError } from '../start-error.ts';
import { migrate } from './migrations.ts';
import { isDamage, sqliteCode } from './sqlite-error.ts';

const busy = 5;

/**
 * Opens `<dataDir>/faces.db` for this process alone, checked and with the newest schema; `:memory:` opens one that is kept nowhere.
 * The lock is the kernel's on the file itself, so that it goes with the process however that ends. Folder 0700 and file 0600 where
 * they are made here.
 * @throws StartError when another process has it, when it is damaged or newer, or when the folder cannot be written
 */
export function openDatabase(dataDir: string): DatabaseSync {
  const file = dataDir === ':memory:' ? dataDir : path.join(dataDir, 'faces.db');
  let database: DatabaseSync | null = null;
  try {
    if (file !== dataDir) makeFile(dataDir, file);
    database = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 0 });
    // Exclusive before WAL: the lock is then taken with the first access and held, and no shared-memory file is needed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    // KiB: the inner pages of a million templates, so that looking one up reads a leaf or two.
    database.exec('PRAGMA cache_size = -16384; PRAGMA secure_delete = ON; BEGIN IMMEDIATE; COMMIT');
    const check = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (check !== 'ok') throw damage(file, String(check).replace(/\s+/g, ' '));
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, dataDir, file);
  }
}

function makeFile(dataDir: string, file: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // SQLite gives its journal the mode of the database.
  const opened = openSync(file, 'a+', 0o600);
  try {
    readThrough(opened);
  } finally {
    closeSync(opened);
  }
  // A new file is durable once its folder is; SQLite sees to its journal's entry itself.
  const folder = openSync(dataDir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** From the first byte to the last, into the system's cache: the check goes from page to page as the trees do, at which disks are several times slower. */
function readThrough(opened: number): void {
  const block = new Uint8Array(1 << 20);
  for (let at = 0, read = 1; read > 0; at += read) read = readSync(opened, block, 0, block.length, at);
}

function explain(error: unknown, dataDir: string, file: string): unknown {
  if (error instanceof StartError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const code = sqliteCode(error);
  if (code === busy) {
    return new DataDirInUse(
      `data_dir ${dataDir} is in use by another process: stop that one, or give this one a data_dir of its own`,
      { cause: error },
    );
  }
  if (isDamage(error)) return damage(file, reason, error);
  return new StartError(`data_dir ${dataDir}: the store cannot be opened: ${reason}`, { cause: error });
}

function damage(file: string, reason: string, cause?: unknown): StartError {
  const text = `${file} is damaged (${reason}): restore it from a backup, or move it away to start with an empty gallery`;
  return new StartError(text, { cause });
}
