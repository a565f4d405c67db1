import { randomUUID } from 'node:crypto';
import { closeSync, openSync, statfsSync, unlinkSync } from 'node:fs';
import path from 'node:path';

/** Linux's file system in memory, and the numbers by which it says that it is one (statfs(2): tmpfs, ramfs). */
const folder = '/dev/shm';
const memoryFileSystems = [0x01021994, 0x858458f6];

/** Why there can be no file in memory here; null where there can. */
export function memoryFileProblem(): string | null {
  try {
    const { type } = statfsSync(folder);
    if (process.platform === 'linux' && memoryFileSystems.includes(type)) return null;
    return `${folder} is no file system in memory`;
  } catch {
    return `there is no file system in memory at ${folder}`;
  }
}

/**
 * Runs `work` with a file that is in memory alone, for what only reads and writes files by their names. It has lost its entry in the
 * folder before it holds a byte, so that nobody else finds it and the kernel drops it with the process, however that ends.
 * @throws Error where there is no file system in memory, or nothing is free on it any more
 */
export function withMemoryFile<T>(work: (file: { readonly fd: number; readonly path: string }) => T): T {
  const problem = memoryFileProblem();
  if (problem !== null) throw new Error(problem);
  const name = path.join(folder, `face-id-${randomUUID()}`);
  const fd = openSync(name, 'wx+', 0o600);
  try {
    unlinkSync(name);
    const result = work({ fd, path: `/proc/self/fd/${fd}` });
    // Who writes through a buffer may not have been told that its end found no room.
    if (statfsSync(folder).bavail === 0) throw new Error(`${folder} is full`);
    return result;
  } finally {
    closeSync(fd);
  }
}
