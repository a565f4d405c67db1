import path from 'node:path';
import { readFolderFiles } from './folder-files.ts';
import { listModelFolders } from './read-model-folder.ts';

export type ScanActions = {
  /** A folder is new or has changed since the last scan. */
  load(name: string): Promise<void>;
  /** A folder is gone. */
  unload(name: string): Promise<void>;
};

/**
 * Compares a repository with what it was at the last scan, at first with nothing, and acts on the differences. What fails is not
 * tried again before it changes again. Rejects when the repository cannot be read; actions must not.
 */
export function createScan(repository: string, { load, unload }: ScanActions): () => Promise<void> {
  const seen = new Map<string, string>();
  return async () => {
    const names = await listModelFolders(repository);
    const gone = [...seen.keys()].filter(name => !names.includes(name));
    const changed: string[] = [];
    for (const name of names) {
      // One that vanishes now is gone at the next scan.
      const files = await readFolderFiles(path.join(repository, name)).catch(() => undefined);
      if (files === undefined || seen.get(name) === files.signature) continue;
      seen.set(name, files.signature);
      changed.push(name);
    }
    for (const name of gone) {
      seen.delete(name);
      await unload(name);
    }
    await loadSeveral(changed, load);
  };
}

/** Models that are loaded at once, as many as by Triton's --model-load-thread-count unless told otherwise. */
const loadsAtOnce = 4;

/** Loads models, a few at once. */
export async function loadSeveral(names: readonly string[], load: (name: string) => Promise<void>): Promise<void> {
  const waiting = names.values();
  const takeTurns = async (): Promise<void> => {
    for (const name of waiting) await load(name);
  };
  await Promise.all(Array.from({ length: loadsAtOnce }, takeTurns));
}
