import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../sync-folder.ts';
import { formatKeyFile, isExpired, parseKeyFile, type StoredKey } from './key-file.ts';
import { KeysError } from './keys-error.ts';

/** The keys of a file; none where there is no such file. @throws KeysError where it cannot be read */
export async function readKeyFile(file: string): Promise<readonly StoredKey[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw new KeysError(`${file} cannot be read: ${cause.message}`, { cause });
  });
  return text === null ? [] : parseKeyFile(text, file);
}

/**
 * Replaces the keys of a file by what `change` makes of them, whole or not at all, readable for its owner only. The new file is
 * written beside the old one, under a name that only one writer can have, and takes its place once it is on the disk.
 * @throws KeysError where it cannot be read or written, or another command is changing it; whatever `change` throws
 */
export async function changeKeyFile(
  file: string,
  change: (keys: readonly StoredKey[]) => readonly StoredKey[],
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.new`;
  const handle = await openNew(next);
  try {
    try {
      const changed = withoutReplaced(change(await readKeyFile(file)), Date.now());
      await handle.writeFile(formatKeyFile(changed));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
  await syncFolder(path.dirname(file));
}

async function openNew(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new KeysError(`${file} cannot be written: ${message}`, { cause });
    throw new KeysError(`${file} is there: another command is changing the keys. If none is, delete that file`);
  }
}

/** Rotated-out keys whose time is over have a successor of their name; nobody misses them. */
function withoutReplaced(keys: readonly StoredKey[], now: number): readonly StoredKey[] {
  return keys.filter((key, i) => !isExpired(key, now) || !keys.slice(i + 1).some(({ name }) => name === key.name));
}
