import type { GalleryTable } from './gallery-table.ts';
import type { IndexFiles } from './index-files.ts';
import type { IndexThread } from './usearch-thread.ts';

/** What is saved of one gallery's index. At most one file counts: the one that the database names. */
export type IndexSaver = {
  /** The index was read from what is saved, which lacks so many templates. */
  tookUp(lacking: number): void;
  /** So many templates were added to the index or removed from it. */
  changed(count: number): void;
  /** What is saved, or is being saved now, counts no more: in the turn of the erasure's commit. */
  outdate(): void;
  /** Deletes what is saved; whether there was something. */
  removeFiles(): boolean;
  /** Whether a save is worth the while that searches have to wait for it. */
  isDue(): boolean;
  /** Whether the index differs from what is saved. */
  isDirty(): boolean;
  /** Never rejects: an index that is not saved is made anew. */
  save(): Promise<void>;
};

export type IndexSaverDeps = {
  readonly thread: IndexThread;
  readonly galleries: GalleryTable;
  /** Null where nothing is kept. */
  readonly files: IndexFiles | null;
  readonly warn: (fields: object, message: string) => void;
};

/** A save stops the searches while it lasts, so it waits until a tenth is new … */
const newShare = 0.1;
/** … and saves take less than one in so many parts of the time: the slowest hundredth of searches is not theirs. */
const pausePerSave = 300;

export function createIndexSaver({ thread, galleries, files, warn }: IndexSaverDeps, gallery: number): IndexSaver {
  /** Adds and removals since the last save; null: nothing is saved. */
  let changes: number | null = null;
  let erasures = 0;
  let nextSave = 0;
  let saving: Promise<void> | null = null;

  const removeFiles = (): boolean => files?.remove(gallery) ?? false;

  async function save(to: IndexFiles): Promise<void> {
    const begun = performance.now();
    const before = { erasures, changes: changes ?? 0 };
    try {
      const name = to.newName(gallery);
      const request = { gallery, file: to.pathOf(name), seal: to.sealOf(gallery, name) };
      await thread.ask({ ask: 'save', ...request }, sha256 => {
        // What was erased meanwhile may be in it.
        if (before.erasures !== erasures) return void removeFiles();
        galleries.setFile(gallery, { name, sha256 });
        to.remove(gallery, name);
        changes = (changes ?? before.changes) - before.changes;
      });
    } catch (error) {
      warn({ err: error, gallery }, 'the index cannot be saved: the next start will catch up');
      to.remove(gallery, galleries.get(gallery).file?.name);
    } finally {
      nextSave = performance.now() + pausePerSave * (performance.now() - begun);
    }
  }

  return {
    tookUp(lacking) {
      changes = lacking;
    },
    changed(count) {
      if (changes !== null) changes += count;
    },
    outdate() {
      erasures += 1;
      changes = null;
    },
    removeFiles,
    isDue() {
      if (performance.now() < nextSave) return false;
      return changes === null || changes > newShare * galleries.get(gallery).templates;
    },
    isDirty: () => changes !== 0,
    async save() {
      if (files === null) return;
      saving ??= save(files).finally(() => {
        saving = null;
      });
      await saving;
    },
  };
}
