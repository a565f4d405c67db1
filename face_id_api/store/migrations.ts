import type { DatabaseSync } from 'node:sqlite';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import { personVector } from '../core/person-vector.ts';
import { StartError } from '../start-error.ts';

type Migration = string | ((database: DatabaseSync) => void);

/**
 * The schema, step by step: step n brings `user_version` from n to n + 1. A step that was ever released is never edited.
 * `identity.id` is of type ANY so that 2576 and '2576' stay apart; SQLite orders integers before texts, as `compareIds` does.
 * `template.key` is never given twice (AUTOINCREMENT), because an index may still know a key that is gone here.
 * `gallery.index_file` and its hash name the saved index that belongs to this state of the database.
 * `sealing` has one row: the wrapped data key that vectors are encrypted with, null where they are not. `gallery.rotation` is the
 * wrapped seed of how a gallery's vectors are turned.
 */
export const migrations: readonly Migration[] = [
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
  `
  ALTER TABLE gallery ADD COLUMN kind TEXT NOT NULL DEFAULT 'face';
  ALTER TABLE gallery ADD COLUMN index_file TEXT;
  ALTER TABLE gallery ADD COLUMN index_sha256 TEXT;
  ALTER TABLE gallery ADD COLUMN identities INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE gallery ADD COLUMN templates INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE identity ADD COLUMN name TEXT;
  ALTER TABLE identity ADD COLUMN folded_name TEXT;
  ALTER TABLE identity ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE identity ADD COLUMN person BLOB;
  CREATE INDEX identity_by_name ON identity (gallery, folded_name, id) WHERE folded_name IS NOT NULL;

  CREATE TABLE metadata_entry (
    identity INTEGER NOT NULL REFERENCES identity (key) ON DELETE CASCADE,
    entry TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (identity, entry)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX metadata_by_entry ON metadata_entry (entry, value, identity);

  CREATE TABLE keyed_template (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    gallery INTEGER NOT NULL REFERENCES gallery (key),
    identity INTEGER NOT NULL REFERENCES identity (key) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    source_sha256 TEXT NOT NULL,
    detector TEXT NOT NULL,
    created TEXT NOT NULL,
    UNIQUE (gallery, id)
  ) STRICT;
  INSERT INTO keyed_template (id, gallery, identity, vector, source_sha256, detector, created)
    SELECT t.id, i.gallery, t.identity, t.vector, t.source_sha256, t.detector, t.created
    FROM template t JOIN identity i ON i.key = t.identity ORDER BY t.rowid;
  DROP TABLE template;
  ALTER TABLE keyed_template RENAME TO template;
  CREATE INDEX template_by_identity ON template (identity);
  CREATE INDEX template_by_gallery ON template (gallery);
  UPDATE gallery SET
    identities = (SELECT count(*) FROM identity WHERE gallery = gallery.key),
    templates = (SELECT count(*) FROM template WHERE gallery = gallery.key);

  CREATE TRIGGER identity_added AFTER INSERT ON identity BEGIN
    UPDATE gallery SET identities = identities + 1 WHERE key = new.gallery;
  END;
  CREATE TRIGGER identity_removed AFTER DELETE ON identity BEGIN
    UPDATE gallery SET identities = identities - 1 WHERE key = old.gallery;
  END;
  CREATE TRIGGER template_added AFTER INSERT ON template BEGIN
    UPDATE gallery SET templates = templates + 1 WHERE key = new.gallery;
  END;
  CREATE TRIGGER template_removed AFTER DELETE ON template BEGIN
    UPDATE gallery SET templates = templates - 1 WHERE key = old.gallery;
  END;
  `,
  setPersonVectors,
  `
  CREATE TABLE sealing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    data_key TEXT,
    wipe_owed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO sealing (one) VALUES (1);
  ALTER TABLE gallery ADD COLUMN rotation TEXT;
  `,
  // The end is the consent's own, in milliseconds: what a search compares.
  `
  ALTER TABLE identity ADD COLUMN consent TEXT;
  ALTER TABLE identity ADD COLUMN consent_expires INTEGER;
  ALTER TABLE identity ADD COLUMN seen TEXT;
  `,
  `
  CREATE TABLE rejection (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    gallery INTEGER NOT NULL REFERENCES gallery (key),
    identity INTEGER NOT NULL REFERENCES identity (key) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    source_sha256 TEXT NOT NULL,
    detector TEXT NOT NULL,
    created TEXT NOT NULL,
    UNIQUE (gallery, id)
  ) STRICT;
  CREATE INDEX rejection_by_identity ON rejection (identity);

  CREATE TABLE distinct_pair (
    low INTEGER NOT NULL REFERENCES identity (key) ON DELETE CASCADE,
    high INTEGER NOT NULL REFERENCES identity (key) ON DELETE CASCADE,
    PRIMARY KEY (low, high)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX distinct_pair_by_high ON distinct_pair (high);

  CREATE TABLE unknown_face (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    gallery INTEGER NOT NULL REFERENCES gallery (key) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    detector TEXT NOT NULL,
    seen TEXT NOT NULL,
    UNIQUE (gallery, id)
  ) STRICT;
  CREATE INDEX unknown_face_by_time ON unknown_face (gallery, seen);
  `,
];

function setPersonVectors(database: DatabaseSync): void {
  const vectorsOf = database.prepare('SELECT vector FROM template WHERE identity = ? ORDER BY key');
  const set = database.prepare('UPDATE identity SET person = ? WHERE key = ?');
  for (const { key } of database.prepare('SELECT key FROM identity').all()) {
    const person = personVector(vectorsOf.all(key!).map(({ vector }) => toFloat32Array(vector as Uint8Array)));
    if (person !== null) set.run(new Uint8Array(person.buffer), key!);
  }
}

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
      const migration = migrations[step]!;
      if (typeof migration === 'string') database.exec(migration);
      else migration(database);
      database.exec(`PRAGMA user_version = ${step + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
