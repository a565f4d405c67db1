import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MasterKey } from '../encryption/master-key.ts';
import { memoryFileProblem } from '../encryption/memory-file.ts';
import { StartError } from '../start-error.ts';
import { besideOf } from './beside-name.ts';
import type { Tables } from './change-gallery.ts';
import { createGalleryComparison } from './compare-galleries.ts';
import { createDatabaseAccess, notWiped } from './database-access.ts';
import {
  consentRule,
  expectGallery,
  expectInStep,
  galleryExists,
  galleryNotFound,
  needsSwitch,
  nothingErased,
} from './gallery-rules.ts';
import type { GalleryRow } from './gallery-table.ts';
import { createIndexFiles } from './index-files.ts';
import { keepBeside } from './keep-beside.ts';
import {
  createLocalGallery,
  type LocalGallery,
  type LocalGalleryDeps,
  rejectedPlace,
  toGallerySummary,
} from './local-gallery.ts';
import { openDatabase } from './open-database.ts';
import type { Sealing } from './open-sealing.ts';
import { openTables } from './open-tables.ts';
import { createRecallCheck } from './recall-check.ts';
import { defaultGallery, type Erased, type Gallery, type GalleryModel, type NewGallery, type Store } from './store.ts';
import { createIndexThread } from './usearch-thread.ts';

export type LocalStoreOptions = {
  /** Folder of the database; `:memory:` keeps nothing. */
  readonly dataDir: string;
  /** The model whose vectors will be put and searched. */
  readonly model: GalleryModel;
  readonly now?: () => Date;
  /** Whether nobody gets templates without a consent that holds. */
  readonly requireConsent?: boolean;
  readonly logger?: { warn(fields: object, message: string): void };
  /** Templates from which on a gallery has an index. */
  readonly indexFrom?: number;
  /** One of so many searches of an index is repeated exactly. */
  readonly checkEvery?: number;
  /** What vectors are encrypted under; null, the default: they are not. */
  readonly masterKey?: MasterKey | null;
  /** Whether every gallery's vectors are turned by a secret of its own; it takes a master key. */
  readonly rotateVectors?: boolean;
};

/** Where a scan of all vectors takes as long as asking the index does (`npm run bench -- gallery`). */
const defaultIndexFrom = 10_000;
const saveEveryMs = 60_000;
/** Identities that a gallery on its way out loses in one transaction. */
const purgedAtOnce = 200;

/**
 * The store of one machine: SQLite is the truth, memory and indexes mirror it and are changed only after the commit. Writes are
 * synchronous and flushed to the disk, a few milliseconds each.
 * @throws StartError as `openDatabase`, or where galleries are encrypted otherwise than they should be
 */
export function createLocalStore(options: LocalStoreOptions): Store {
  const { dataDir, model, now = () => new Date(), indexFrom = defaultIndexFrom, checkEvery = 1000 } = options;
  const { masterKey = null, rotateVectors = false } = options;
  const database = openDatabase(dataDir);
  const access = createDatabaseAccess(database);
  const warn = (fields: object, message: string): void => options.logger?.warn(fields, message);
  const stamp = (): string => now().toISOString();
  const { tables, opened, recall, thread, galleries, deps, addGallery } = openGalleries();
  const compare = createGalleryComparison(database);
  let closing: Promise<void> | undefined;
  const saver = setInterval(() => {
    for (const gallery of galleries.values()) {
      gallery
        .vectors()
        .saveIfDue()
        .catch(error => warn({ err: error }, 'the index cannot be saved'));
    }
  }, saveEveryMs).unref();

  function openGalleries() {
    try {
      const { tables, opened, sealing, rotations } = openTables(database, { access, masterKey, rotateVectors, now });
      const addGallery = (given: NewGallery): GalleryRow =>
        tables.galleries.add({ ...given, rotation: rotations.fresh() }, stamp());
      const galleries = new Map<string, LocalGallery>();
      const thread = createIndexThread(() => {
        for (const gallery of galleries.values()) gallery.vectors().indexFailed();
      });
      const files = dataDir === ':memory:' ? null : createIndexFiles(dataDir, sealing.fileSeal);
      const saved = canSave(sealing) ? files : null;
      const { isSealed } = sealing.vectors;
      const recall = createRecallCheck({ templates: tables.templates, every: checkEvery, isSealed, warn });
      const deps: LocalGalleryDeps = {
        ...tables,
        ...{ access, tables, model, recall, rotations, stamp, thread, files: saved, indexFrom, warn },
        consents: consentRule(options.requireConsent ?? false, now),
      };
      finishErasures(tables);
      const rows = access.transaction(() => {
        const found = tables.galleries.all();
        if (found.some(({ name }) => name === defaultGallery)) return found;
        return [...found, addGallery({ name: defaultGallery, kind: 'face', model })];
      });
      files?.keepOnly(new Set(rows.flatMap(({ file }) => file?.name ?? [])));
      for (const row of rows) galleries.set(row.name, createLocalGallery(deps, row));
      return { tables, opened, recall, thread, galleries, deps, addGallery };
    } catch (error) {
      database.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError(`data_dir ${dataDir}: the galleries cannot be read: ${reason}`, { cause: error });
    }
  }

  /** An index is sealed on its way from memory: without a place there it would be on the disk in plain for a moment. */
  function canSave({ vectors }: Sealing): boolean {
    const problem = vectors.isSealed ? memoryFileProblem() : null;
    if (problem !== null)
      warn({ problem }, 'indexes are not saved, for want of a place in memory: each start makes them anew');
    return problem === null;
  }

  /** What a process that was killed had begun to erase. */
  function finishErasures({ galleries: table }: Tables): void {
    for (const key of table.retired()) {
      while (access.transaction(() => table.shrink(key, purgedAtOnce)) > 0);
      access.transaction(() => table.drop(key));
    }
    access.wipeLog();
  }

  function find(name: string): LocalGallery {
    const gallery = galleries.get(name);
    if (gallery === undefined) throw galleryNotFound();
    return gallery;
  }

  /** `work` begins in a turn in which the gallery is there and its vectors are loaded. */
  async function use<T>(name: string, work: (gallery: LocalGallery) => Promise<T>): Promise<T> {
    let gallery = find(name);
    while (gallery.vectors().notLoaded() !== null) {
      await gallery.vectors().loaded();
      gallery = find(name);
    }
    return await work(gallery);
  }

  /** The old gallery loses its name in one short transaction, its rows after that, a few a turn. */
  async function empty(name: string, stays: boolean): Promise<Erased> {
    return await use(name, async gallery => {
      const row = gallery.row();
      const fresh = access.transaction(() => {
        tables.galleries.retire(gallery.key);
        return stays ? addGallery(row) : null;
      });
      galleries.delete(name);
      if (fresh !== null) galleries.set(name, createLocalGallery(deps, fresh));
      return await purge(gallery, row);
    });
  }

  async function purge(gallery: LocalGallery, { key, identities, templates }: GalleryRow): Promise<Erased> {
    const rejected = access.reading(() => tables.rejections.count(key));
    const unknown = access.reading(() => tables.unknowns.count(key));
    const dropping = gallery
      .vectors()
      .drop()
      .catch(cause => {
        throw notWiped(cause);
      });
    while (access.transaction(() => tables.galleries.shrink(key, purgedAtOnce)) > 0) await nextTurn();
    access.transaction(() => tables.galleries.drop(key));
    const { memory, file } = await dropping;
    // A search that was under way may have opened some meanwhile.
    opened.clear();
    access.wipeLog();
    const places = [
      { place: 'database', templates },
      { place: 'memory', templates: memory },
      { place: 'index', templates: templates - memory },
      { place: 'saved index', templates: file ? templates : 0 },
      ...rejectedPlace(rejected),
      ...(unknown === 0 ? [] : [{ place: 'unknown faces in the database', templates: unknown }]),
    ];
    return { identities, templates, places };
  }

  async function close(): Promise<void> {
    clearInterval(saver);
    recall.close();
    for (const gallery of galleries.values()) await gallery.vectors().close();
    await thread.close();
    database.close();
  }

  function galleryOf(name: string): Gallery {
    return {
      describe: () => use(name, gallery => gallery.describe()),
      search: (...given) => use(name, gallery => gallery.search(...given)),
      put: enrolment => use(name, gallery => gallery.put(enrolment)),
      get: id => use(name, gallery => gallery.get(id)),
      list: page => use(name, gallery => gallery.list(page)),
      listTemplates: id => use(name, gallery => gallery.listTemplates(id)),
      readTemplate: (...given) => use(name, gallery => gallery.readTemplate(...given)),
      update: (...given) => use(name, gallery => gallery.update(...given)),
      see: days => use(name, gallery => gallery.see(days)),
      move: change => use(name, gallery => gallery.move(change)),
      merge: (...given) => use(name, gallery => gallery.merge(...given)),
      removeTemplate: (...given) => use(name, gallery => gallery.removeTemplate(...given)),
      remove: id => use(name, gallery => gallery.remove(id)),
      removeAll: () => empty(name, true),
      reject: (...given) => use(name, gallery => gallery.reject(...given)),
      listRejections: id => use(name, gallery => gallery.listRejections(id)),
      removeRejection: (...given) => use(name, gallery => gallery.removeRejection(...given)),
      people: page => use(name, gallery => gallery.people(page)),
      setDistinct: (...given) => use(name, gallery => gallery.setDistinct(...given)),
      listDistinct: id => use(name, gallery => gallery.listDistinct(id)),
      keepUnknowns: (...given) => use(name, gallery => gallery.keepUnknowns(...given)),
      listUnknowns: since => use(name, gallery => gallery.listUnknowns(since)),
      oldestUnknown: () => use(name, gallery => gallery.oldestUnknown()),
      enrolUnknowns: (...given) => use(name, gallery => gallery.enrolUnknowns(...given)),
      removeUnknowns: which => use(name, gallery => gallery.removeUnknowns(which)),
      import: records => use(name, gallery => gallery.import(records)),
      async *export() {
        yield* find(name).export();
      },
    };
  }

  return keepBeside({
    gallery: galleryOf,
    async createGallery(given) {
      expectGallery(given);
      const known = galleries.get(given.name);
      if (known === undefined) {
        const row = access.transaction(() => addGallery(given));
        galleries.set(given.name, createLocalGallery(deps, row));
        return toGallerySummary(row);
      }
      const row = known.row();
      const isSame = row.kind === given.kind && row.model.fingerprint === given.model.fingerprint;
      if (!isSame && (row.kind !== given.kind || row.templates > 0)) throw galleryExists();
      if (!isSame) known.bind(given.model);
      return toGallerySummary(known.row());
    },
    listGalleries: async () => access.reading(() => tables.galleries.all().map(toGallerySummary)),
    async deleteGallery(name) {
      if (galleries.has(name)) return await empty(name, name === defaultGallery);
      access.wipeLog();
      return nothingErased;
    },
    async compareBeside(name) {
      const [main, beside] = [find(name), find(besideOf(name))];
      return access.reading(() => compare(main.key, beside.key));
    },
    async switchBeside(name, to, { evenIfBehind = false } = {}) {
      const [main, beside] = [find(name), find(besideOf(name))];
      if (!needsSwitch(main.row().model, beside.row().model, to)) return;
      access.transaction(() => {
        if (!evenIfBehind) expectInStep(compare(main.key, beside.key));
        tables.galleries.exchangeNames(main.row(), beside.row());
      });
      galleries.set(name, beside).set(besideOf(name), main);
    },
    recall: () => recall.counts(),
    async ready() {
      try {
        const gallery = find(defaultGallery);
        const reason = gallery.vectors().notLoaded();
        if (reason !== null) return { ok: false, reason: `gallery '${defaultGallery}': ${reason}` };
        gallery.expectModel();
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
      const problems = [...galleries].flatMap(([name, gallery]) => {
        const problem = gallery.vectors().notLoaded() ?? gallery.vectors().problem();
        return problem === null ? [] : `gallery '${name}': ${problem}`;
      });
      return problems.length === 0 ? { ok: true } : { ok: true, degraded: problems.join('; ') };
    },
    close() {
      closing ??= close();
      return closing;
    },
  });
}
