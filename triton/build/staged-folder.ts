import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BuiltFile } from './registry/known-model.ts';

const maxReplaceAttempts = 20;

/** Staging folders that this process is filling right now; they are not leftovers, whatever their process id says. */
const active = new Set<string>();

/**
 * Writes a folder so that it is there whole or not at all: everything goes into a hidden folder beside it, is synced to
 * disk and renamed. An older folder of that name is moved aside first and removed afterwards. Several processes may
 * write the same folder at once: the last one wins, whole.
 */
export async function writeStagedFolder(
  target: string,
  files: readonly BuiltFile[],
  signal: AbortSignal,
): Promise<void> {
  const parent = path.dirname(target);
  await mkdir(parent, { recursive: true });
  const staging = hiddenName(target, 'partial');
  active.add(staging);
  try {
    for (const { path: relative, bytes } of files) {
      signal.throwIfAborted();
      await writeSynced(path.join(staging, ...relative.split('/')), bytes);
    }
    for (const folder of foldersOf(files)) await syncFolder(path.join(staging, folder));
    signal.throwIfAborted();
    await replaceFolder(staging, target);
    await syncFolder(parent);
  } finally {
    await rm(staging, { recursive: true, force: true });
    active.delete(staging);
  }
}

/** Takes a folder away so that nobody sees a half of it. False when there is none. */
export async function removeFolder(target: string): Promise<boolean> {
  const old = hiddenName(target, 'old');
  if (!(await renamed(target, old))) return false;
  await rm(old, { recursive: true, force: true });
  return true;
}

/**
 * Clears what interrupted work left in `parent`: staging folders of processes that are gone. A model that had been moved
 * aside by a process that then died before it put the new one in place is put back.
 */
export async function sweepLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const match = /^\.(.+)\.(partial|old)-(\d+)-[0-9a-f]+$/.exec(name);
    const leftover = path.join(parent, name);
    if (match?.[1] === undefined || active.has(leftover) || isAnotherLivingProcess(Number(match[3]))) continue;
    if (match[2] === 'old' && (await renamed(leftover, path.join(parent, match[1])))) continue;
    await rm(leftover, { recursive: true, force: true });
  }
}

function hiddenName(target: string, state: 'partial' | 'old'): string {
  const suffix = `${process.pid}-${randomBytes(4).toString('hex')}`;
  return path.join(path.dirname(target), `.${path.basename(target)}.${state}-${suffix}`);
}

async function replaceFolder(staging: string, target: string): Promise<void> {
  for (let attempt = 0; attempt < maxReplaceAttempts; attempt++) {
    const old = hiddenName(target, 'old');
    active.add(old);
    try {
      const hadOld = await renamed(target, old);
      const placed = await renamed(staging, target);
      if (hadOld) await rm(old, { recursive: true, force: true });
      if (placed) return;
    } finally {
      active.delete(old);
    }
  }
  throw new Error(`${target}: other processes kept replacing it`);
}

/** False when `from` is not there, or when another process has put something at `to` meanwhile. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return false;
    throw error;
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder durable. Windows cannot sync folders and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function foldersOf(files: readonly BuiltFile[]): string[] {
  return [...new Set(['.', ...files.map(file => path.posix.dirname(file.path))])];
}

function isAnotherLivingProcess(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
