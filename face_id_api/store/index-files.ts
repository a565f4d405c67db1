import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { FileSeal } from '../encryption/sealed-file.ts';

/** The saved indexes, in a folder of their own. Which of them counts stands in the database; every other is a leftover. */
export type IndexFiles = {
  /** A name for the next save of a gallery, never used before. */
  newName(gallery: number): string;
  pathOf(name: string): string;
  /** What a gallery's file of this name is sealed with; null where files are plain. */
  sealOf(gallery: number, name: string): FileSeal | null;
  /** Deletes what there is of a gallery except for `kept`; whether there was anything. Durable when it returns. */
  remove(gallery: number, kept?: string): boolean;
  /** Deletes what no gallery names. */
  keepOnly(names: ReadonlySet<string>): void;
};

/** @param sealOf as `IndexFiles` has it */
export function createIndexFiles(dataDir: string, sealOf: IndexFiles['sealOf'] = () => null): IndexFiles {
  const folder = path.join(dataDir, 'index');

  function list(): string[] {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  function removeAll(names: readonly string[]): boolean {
    if (names.length === 0) return false;
    for (const name of names) rmSync(path.join(folder, name), { recursive: true, force: true });
    const opened = openSync(folder, 'r');
    try {
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    return true;
  }

  return {
    newName(gallery) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return `${gallery}-${randomUUID()}`;
    },
    pathOf: name => path.join(folder, name),
    sealOf,
    remove: (gallery, kept) => removeAll(list().filter(name => name.startsWith(`${gallery}-`) && name !== kept)),
    keepOnly(names) {
      removeAll(list().filter(name => !names.has(name)));
    },
  };
}
