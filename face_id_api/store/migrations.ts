import type { DatabaseSync } from 'node:sqlite';
import { StartError } from '../start-error.ts';

/**
 * The schema, step by step: step n brings `user_version` from n to n + 1. A step that was ever released is never edited.
 * `identity.id` is of type ANY so that 2576 and '2576' stay apart; SQLite orders integers before texts, as `compareIds` does.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE gallery (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    dimension INTEGER NOT NULL CHECK (dimension > 0),
    created TEXT NOT NULL
  ) STRICT;
  CREATE TABLE identity (
    key INTEGER PRIMARY KEY,
    gallery INTEGER NOT NULL REFERENCES gallery (key) ON DELETE CASCADE,
    id ANY NOT NULL CHECK (typeof(id) IN ('integer', 'text')),
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    UNIQUE (gallery, id)
  ) STRICT;
  CREATE TABLE template (
    id TEXT NOT NULL PRIMARY KEY,
    identity INTEGER NOT NULL REFERENCES identity (key) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    source_sha256 TEXT NOT NULL,
    detector TEXT NOT NULL,
    created TEXT NOT NULL
  ) STRICT;
  CREATE INDEX template_by_identity ON template (identity);
  `,
];

/**
 * Brings a database to the newest schema, each step whole or not at all.
 * @throws StartError when a newer version of this program wrote it
 */
export function migrate(database: DatabaseSync, file: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  if (version > migrations.length) {
    throw new StartError(
      `${file}: expected schema version ${migrations.length} or lower, got ${version}: a newer version of this program ` +
        'wrote it; run that one, or name another data_dir',
    );
  }
  for (let step = version; step < migrations.length; step++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(migrations[step]!);
      database.exec(`PRAGMA user_version = ${step + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
