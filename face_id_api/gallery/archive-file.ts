import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { withPath } from '../cli/system-error.ts';
import { GalleryError } from './gallery-error.ts';

/**
 * An archive to read. It is open once this resolves, so that a name that is none changes no gallery, and is not taken for a fault of the
 * service that gets it.
 */
export async function openArchive(file: string): Promise<Readable> {
  const handle = await open(file);
  if (!(await handle.stat()).isDirectory()) {
    return handle.createReadStream().on('error', error => void withPath(error, file));
  }
  await handle.close();
  throw new GalleryError(`${file}: expected an archive, got a folder`);
}

/** A file to write an archive into, for its owner alone. */
export function createArchive(file: string): Writable {
  return createWriteStream(file, { mode: 0o600 }).on('error', error => void withPath(error, file));
}
