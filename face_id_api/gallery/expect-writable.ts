import { open, rm, stat } from 'node:fs/promises';
import { systemReason } from '../cli/system-error.ts';
import { GalleryError } from './gallery-error.ts';

/**
 * Finds out before long work whether what comes of it can be written. Leaves no new file behind, and those that are there as they are.
 * @throws GalleryError naming the option and the file
 */
export async function expectWritable(option: string, ...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await tryOut(file).catch(cause => {
      throw notWritable(option, file, cause);
    });
  }
}

export function notWritable(option: string, file: string, cause: unknown): GalleryError {
  return new GalleryError(`${option} ${file}: expected a file that can be written: ${systemReason(cause)}`, { cause });
}

async function tryOut(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null) {
    await (await open(file, 'wx', 0o600)).close();
    await rm(file);
  } else if (found.isFile() || found.isDirectory()) {
    await (await open(file, 'r+')).close();
  }
  // A pipe is left alone: to open it would wait for its reader, and to close it end what is read.
}
