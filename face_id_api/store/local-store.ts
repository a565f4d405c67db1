import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServiceError } from '../../detector/errors.ts';
import { createVectorIndex, type VectorIndex } from '../core/vector-index.ts';
import { StartError } from '../start-error.ts';
import { createGalleryTable, type GalleryTable } from './gallery-table.ts';
import { openDatabase } from './open-database.ts';
import { translateSqliteError } from './sqlite-error.ts';
import type { GalleryModel, NewTemplate, Store } from './store.ts';

export type LocalStoreOptions = {
  /** Folder of the database; `:memory:` keeps nothing. */
  readonly dataDir: string;
  /** The model whose vectors will be put and searched. */
  readonly model: GalleryModel;
  readonly gallery?: string;
  readonly now?: () => Date;
};

/** Longest that a search holds the thread before others get a turn. */
const sliceMs = 10;

/**
 * The store of one machine: SQLite is the truth, an index in memory mirrors it and is changed only after the commit. Writes are
 * synchronous and flushed to the disk, a few milliseconds each.
 * @throws StartError as `openDatabase`
 */
export function createLocalStore({
  dataDir,
  model,
  gallery = 'default',
  now = () => new Date(),
}: LocalStoreOptions): Store {
  const database = openDatabase(dataDir);
  const stamp = (): string => now().toISOString();
  const { table, index, owner: firstOwner } = openGallery();
  let owner = firstOwner;

  function openGallery() {
    try {
      const rows = createGalleryTable(database, gallery);
      return { table: rows, ...transaction(() => load(rows, model, stamp())) };
    } catch (error) {
      database.close();
      if (error instanceof StartError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError(`data_dir ${dataDir}: the gallery cannot be read: ${reason}`, { cause: error });
    }
  }

  function transaction<T>(work: () => T): T {
    try {
      database.exec('BEGIN IMMEDIATE');
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
      throw translateSqliteError(error);
    }
  }

  function reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translateSqliteError(error);
    }
  }

  /** Deleted pages are zeroed by secure_delete, but the log still holds them as they were. */
  function wipeLog(): void {
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (cause) {
      const message = 'The identities are deleted, but their bytes could not be wiped from the disk yet';
      throw new ServiceError('STORAGE_FAILED', message, { cause });
    }
  }

  function expectOwnModel(): void {
    if (owner.fingerprint !== model.fingerprint) throw mismatch(owner, model);
  }

  return {
    async search(probes, topK, { signal }) {
      expectOwnModel();
      const found = [];
      let sliceStart = performance.now();
      for (const probe of probes) {
        if (performance.now() - sliceStart > sliceMs) {
          await nextTurn();
          sliceStart = performance.now();
        }
        signal.throwIfAborted();
        expectVector(probe, model.dimension);
        found.push(index.nearest(probe, topK));
      }
      return found;
    },
    async put(enrolment) {
      expectOwnModel();
      expectTemplates(enrolment.templates, model.dimension);
      // Memory first: after the commit nothing may fail any more.
      index.reserve(enrolment.templates.length);
      const templates = transaction(() => table.put(enrolment, stamp()));
      if (enrolment.mode === 'replace') index.remove(enrolment.id);
      index.add(
        enrolment.id,
        enrolment.templates.map(({ vector }) => vector),
      );
      return { templates };
    },
    get: async id => reading(() => table.get(id)),
    async list({ limit, after }) {
      const identities = reading(() => table.page(limit + 1, after));
      return { identities: identities.slice(0, limit), hasMore: identities.length > limit };
    },
    async remove(id) {
      const { removed, emptied } = transaction(() => {
        const gone = { removed: table.remove(id), emptied: table.isEmpty() };
        if (gone.emptied) table.setModel(model);
        return gone;
      });
      index.remove(id);
      if (emptied) owner = model;
      if (removed.identities > 0) wipeLog();
      return removed;
    },
    async removeAll() {
      const removed = transaction(() => {
        table.setModel(model);
        return table.remove(null);
      });
      owner = model;
      index.clear();
      wipeLog();
      return removed;
    },
    async size() {
      // The index counts for nothing; only another model's templates are not in it.
      const { identities, templates } = owner.fingerprint === model.fingerprint ? index : reading(() => table.size());
      return { identities, templates };
    },
    async ready() {
      try {
        reading(() => table.isEmpty());
        expectOwnModel();
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {
      if (database.isOpen) database.close();
    },
  };
}

/** The gallery's owner and its vectors. An empty gallery takes the present model; another model's vectors stay where they are. */
function load(table: GalleryTable, model: GalleryModel, now: string): { index: VectorIndex; owner: GalleryModel } {
  const index = createVectorIndex(model.dimension);
  const owner = table.open(model, now);
  if (owner.fingerprint !== model.fingerprint) {
    if (!table.isEmpty()) return { index, owner };
    table.setModel(model);
    return { index, owner: model };
  }
  for (const { id, vector } of table.vectors()) {
    if (vector.length !== model.dimension) {
      throw new StartError(
        `the gallery is damaged: expected templates of ${model.dimension} values, got ${vector.length}; restore a backup`,
      );
    }
    index.add(id, [vector]);
  }
  return { index, owner };
}

function mismatch(owner: GalleryModel, model: GalleryModel): ServiceError {
  const short = ({ name, fingerprint }: GalleryModel): string => `'${name}' (fingerprint ${fingerprint.slice(0, 12)})`;
  return new ServiceError(
    'MODEL_MISMATCH',
    `The gallery holds templates of model ${short(owner)}, this service embeds with ${short(model)}, and their scores mean ` +
      'nothing to each other: set models.embedder back, or name another data_dir, or empty the gallery with ' +
      'DELETE /identities?confirm=all and enrol again',
  );
}

function expectTemplates(templates: readonly NewTemplate[], dimension: number): void {
  if (templates.length === 0) throw new RangeError('templates: expected at least one');
  for (const { vector } of templates) expectVector(vector, dimension);
}

function expectVector(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension) throw new RangeError(`vector: expected ${dimension} values, got ${vector.length}`);
  if (!vector.every(Number.isFinite)) throw new RangeError('vector: expected finite values');
}
