import { loadVersions } from './load-versions.ts';
import type { ModelFolder } from './read-model-folder.ts';
import type { ModelHost, ServedVersion } from './served-version.ts';
import { createVersionTable, type VersionTable } from './version-table.ts';

/** A model that was to be served at least once. Loads and unloads must not run beside each other. */
export type ModelSlot = {
  readonly table: VersionTable;
  /** Whether these very files of the repository are served, be it under a configuration that came with the load. */
  isLoadedFrom(folder: ModelFolder): boolean;
  /** Serves the folder's versions in place of what is served now, without a gap. @throws StatusError, and all stays as it was */
  load(folder: ModelFolder): Promise<void>;
  /** Serves none from now on. What is under way is answered. */
  unload(): void;
  /** Refuses what waits, finishes what runs, releases every session. */
  close(): Promise<void>;
};

/** @param onFailure is told when old sessions could not be released */
export function createModelSlot(
  name: string,
  host: ModelHost,
  closing: AbortSignal,
  onFailure: (error: unknown) => void,
): ModelSlot {
  const table = createVersionTable(name);
  /** Those that answer, and those that only answer what they were given. */
  const alive = new Set<ServedVersion>();
  const retiring = new Set<Promise<void>>();
  let current: ModelFolder | undefined;

  /** In the background: a version may have seconds of work left. */
  function retire(versions: readonly ServedVersion[], folder: ModelFolder | undefined): void {
    const done = Promise.all(versions.map(retireOne))
      .then(() => folder?.remove?.())
      .catch(onFailure)
      .finally(() => retiring.delete(done));
    retiring.add(done);
  }

  async function retireOne(served: ServedVersion): Promise<void> {
    const { version } = served.source;
    const state = table.get(version);
    await served.retire();
    alive.delete(served);
    // Not when it has been loaded again in the meantime.
    if (state?.state === 'UNLOADING' && table.get(version) === state) {
      table.set([[version, { state: 'UNAVAILABLE', reason: 'unloaded' }]]);
    }
  }

  return {
    table,
    isLoadedFrom: ({ signature }) => signature !== null && current?.signature === signature,
    async load(folder) {
      let replaced: readonly ServedVersion[];
      try {
        replaced = await loadVersions(name, table, folder.versions, host, closing);
      } catch (error) {
        await folder.remove?.();
        throw error;
      }
      for (const served of table.ready()) alive.add(served);
      retire(replaced, current);
      current = folder;
    },
    unload() {
      const versions = table.ready();
      table.set(versions.map(({ source }) => [source.version, { state: 'UNLOADING' }]));
      retire(versions, current);
      current = undefined;
    },
    async close() {
      await Promise.all([...alive].map(served => served.close()));
      await Promise.all(retiring);
      await current?.remove?.();
    },
  };
}
