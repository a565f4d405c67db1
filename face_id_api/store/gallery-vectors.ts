import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTemplateRows, type TemplateRows } from '../core/template-rows.ts';
import type { ScoredKey } from '../core/top-scores.ts';
import type { GalleryRow } from './gallery-table.ts';
import { createIndexSaver, type IndexSaverDeps } from './index-saver.ts';
import { type Look, type Nearest, noNearest } from './nearest.ts';
import type { Keyed, TemplateTable } from './template-table.ts';

export type VectorsDeps = IndexSaverDeps & {
  readonly templates: TemplateTable;
  /** Templates from which on a gallery gets an index; below it a scan is as fast. */
  readonly indexFrom: number;
};

/**
 * The vectors of one gallery: those that the index has, and in memory, scanned exactly, those that it has not (yet). Together always
 * everything that was committed. What is gone may still be named by the index for a while: who asks looks every key up.
 */
export type GalleryVectors = {
  /** Resolves once everything is here. What follows it may be called then. */
  loaded(): Promise<void>;
  reserve(count: number): void;
  /** After the commit; keys ascending, higher than all before. */
  add(templates: readonly Keyed[]): void;
  /** After the commit. What is saved may hold them until the next save. */
  forget(keys: readonly number[]): void;
  /**
   * After a commit that also took the saved index's name away. Resolves once no byte of them is in memory, in the index or in what was
   * saved of it, with how many were in each.
   */
  erase(keys: readonly number[]): Promise<{ memory: number; index: number; file: number }>;
  /** The nearest in memory and in the index, as of one moment: the one in which `consume` is called. */
  nearest<T>(probe: Float32Array, look: Look, consume: (memory: ScoredKey[], index: Nearest) => T): Promise<T>;
  /** Whether answers come from the index. */
  indexed(): boolean;
  /** To be told when the thread has died: everything is scanned in memory from here on, until the next start. */
  indexFailed(): void;
  /** Why nothing can be asked (yet); null when everything is here. */
  notLoaded(): string | null;
  /** What is slower than it should be; null when all is well. */
  problem(): string | null;
  /** Saves the index where enough has changed, or none is saved. */
  saveIfDue(): Promise<void>;
  /** Saves it where anything has changed, and forgets everything. */
  close(): Promise<void>;
  /** Forgets everything: in memory at once, in the index and what is saved of it by the time that it resolves. */
  drop(): Promise<{ memory: number; file: boolean }>;
};

/** Small, because a search waits for the adds before it; two on their way keep the thread busy. */
const batchSize = 4;
const batchesAtOnce = 2;
/** Rows that are read from the database in one turn. */
const rowsAtOnce = 2000;

export function createGalleryVectors(deps: VectorsDeps, row: GalleryRow): GalleryVectors {
  const { key: gallery, model, file, templates: templateCount } = row;
  const { thread, galleries, templates, files, indexFrom, warn } = deps;
  const saver = createIndexSaver(deps, gallery);
  const rows: TemplateRows = createTemplateRows(model.dimension);
  let hasIndex = false;
  let closed = false;
  /** The highest key that was sent to the index. */
  let watermark = 0;
  let batches = 0;
  let notLoaded: string | null = 'it is being read';
  let fault: string | null = null;
  let load = file !== null && templateCount >= indexFrom ? readIndex(file) : readAll();
  load.catch(error => {
    notLoaded = messageOf(error);
  });

  async function readAll(): Promise<void> {
    for (let last = 0, read = rowsAtOnce; read === rowsAtOnce && !closed; ) {
      const found = templates.behind(gallery, last, rowsAtOnce);
      for (const { key, vector } of found) addRow(key, vector);
      last = found.at(-1)?.key ?? last;
      read = found.length;
      if (read === rowsAtOnce) await nextTurn();
    }
    notLoaded = null;
    startIndex();
  }

  async function readIndex({ name, sha256 }: { name: string; sha256: string }): Promise<void> {
    const live = templates.keys(gallery);
    const saved = { file: files?.pathOf(name) ?? '', sha256, seal: files?.sealOf(gallery, name) ?? null };
    try {
      const request = { gallery, dimension: model.dimension, ...saved, live, newest: templates.newest() };
      const missing = await thread.ask({ ask: 'load', ...request });
      for (const [i, key] of missing.entries()) {
        if (i % rowsAtOnce === rowsAtOnce - 1) await nextTurn();
        const vector = templates.vector(key);
        if (vector !== null) addRow(key, vector);
      }
      saver.tookUp(missing.length);
      hasIndex = true;
      notLoaded = null;
      feed();
    } catch (error) {
      if (closed) return;
      warn({ err: error, gallery }, 'the saved index cannot be used and is made anew');
      galleries.setFile(gallery, null);
      saver.removeFiles();
      rows.clear();
      await readAll();
    }
  }

  function addRow(key: number, vector: Float32Array): void {
    if (vector.length !== model.dimension) {
      throw new Error(
        `the gallery is damaged: expected templates of ${model.dimension} values, got ${vector.length}; restore a backup`,
      );
    }
    rows.add(key, vector);
  }

  function startIndex(): void {
    if (hasIndex || closed || rows.size < indexFrom || fault !== null) return;
    hasIndex = true;
    watermark = 0;
    thread.ask({ ask: 'create', gallery, dimension: model.dimension }).catch(() => {});
    feed();
  }

  function feed(): void {
    while (hasIndex && !closed && batches < batchesAtOnce) {
      const { keys, vectors } = rows.after(watermark, batchSize);
      const last = keys.at(-1);
      if (last === undefined) return;
      watermark = last;
      batches += 1;
      const added = thread.ask({ ask: 'add', gallery, keys: Float64Array.from(keys), vectors }, () => {
        batches -= 1;
        for (const key of keys) rows.remove(key);
        saver.changed(keys.length);
        feed();
      });
      added.catch(giveUpIndex);
    }
  }

  /** From here on everything is scanned in memory, until the next start. */
  function giveUpIndex(error: unknown): void {
    fault ??= messageOf(error);
    if (!hasIndex || closed) return;
    hasIndex = false;
    warn({ err: error, gallery }, 'the index has failed: searches scan everything from here on');
    try {
      rows.clear();
      for (const key of templates.keys(gallery)) addRow(key, templates.vector(key)!);
    } catch (cause) {
      // With a part of it nothing may be answered.
      notLoaded = messageOf(cause);
      load = Promise.reject(cause);
      load.catch(() => {});
    }
  }

  async function nearest<T>(
    probe: Float32Array,
    look: Look,
    consume: (memory: ScoredKey[], index: Nearest) => T,
  ): Promise<T> {
    const { depth } = look;
    if (!hasIndex) return consume(rows.nearest(probe, depth), noNearest);
    try {
      return await thread.ask({ ask: 'search', gallery, probe, look }, found =>
        consume(rows.nearest(probe, depth), found),
      );
    } catch (error) {
      if (thread.failure() === null) throw error;
      giveUpIndex(error);
      if (notLoaded !== null) throw error;
      return consume(rows.nearest(probe, depth), noNearest);
    }
  }

  /** `then` is called once the index has nothing of them any more. */
  function forget(
    keys: readonly number[],
    then: () => number = () => 0,
  ): { memory: number; index: Promise<{ index: number; file: number }> } {
    const inMemory = new Set(keys.filter(key => rows.remove(key)));
    const memory = inMemory.size;
    const mayBeIndexed = hasIndex ? keys.filter(key => key <= watermark || !inMemory.has(key)) : [];
    const request = { ask: 'remove', gallery, keys: Float64Array.from(mayBeIndexed) } as const;
    if (mayBeIndexed.length === 0) return { memory, index: Promise.try(() => ({ index: 0, file: then() })) };
    const removed = thread.ask(request, index => {
      saver.changed(index);
      return { index, file: then() };
    });
    // A thread that died has taken its memory with it.
    const died = (error: unknown) => {
      if (thread.failure() === null) throw error;
      return { index: 0, file: then() };
    };
    return { memory, index: removed.catch(died) };
  }

  return {
    loaded: () => load,
    reserve: count => rows.reserve(count),
    add(added) {
      for (const { key, vector } of added) rows.add(key, vector);
      startIndex();
      feed();
    },
    forget(keys) {
      forget(keys).index.catch(giveUpIndex);
    },
    async erase(keys) {
      saver.outdate();
      // In the turn in which the index answers: a later save's file is not yet there, an earlier one's is.
      const { memory, index } = forget(keys, () => (saver.removeFiles() ? keys.length : 0));
      return { memory, ...(await index) };
    },
    nearest,
    indexed: () => hasIndex,
    indexFailed: () => giveUpIndex(new Error(thread.failure() ?? '')),
    notLoaded: () => notLoaded,
    problem() {
      if (fault !== null && rows.size >= indexFrom) return `there is no index: ${fault}`;
      if (rows.size >= indexFrom) return `the index lacks ${rows.size} templates, which are scanned one by one`;
      return null;
    },
    async saveIfDue() {
      if (hasIndex && rows.size < indexFrom && saver.isDue()) await saver.save();
    },
    async close() {
      closed = true;
      await load.catch(() => {});
      if (hasIndex && saver.isDirty()) await saver.save();
      rows.clear();
    },
    async drop() {
      closed = true;
      saver.outdate();
      const memory = rows.size;
      const wasIndexed = hasIndex;
      hasIndex = false;
      rows.clear();
      if (!wasIndexed) return { memory, file: saver.removeFiles() };
      const dropped = thread.ask({ ask: 'drop', gallery }, saver.removeFiles).catch(saver.removeFiles);
      return { memory, file: await dropped };
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
