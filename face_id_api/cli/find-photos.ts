import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** A photo that was named, not read yet. */
export type NamedPhoto = { readonly name: string; read(): Promise<Buffer> };

/** What is taken out of a folder; a file that is named is sent whatever it is called. */
const photoName = /\.(jpe?g|png|webp|gif|tiff?|avif|hei[cf])$/i;

/**
 * The photos that arguments name: files, every photo in or below a folder, and `-` for standard input. In the order of the arguments,
 * a folder's by name.
 * @throws CliError where one is not there, a folder holds no photo, or standard input is named twice
 */
export async function findPhotos(named: readonly string[], input: Readable): Promise<NamedPhoto[]> {
  if (named.filter(name => name === '-').length > 1) {
    throw new CliError('USAGE', '-: standard input can be read once', exitCodes.usage);
  }
  const found = await Promise.all(
    named.map(name => (name === '-' ? [{ name, read: () => buffer(input) }] : photosAt(name))),
  );
  return found.flat();
}

async function photosAt(name: string): Promise<NamedPhoto[]> {
  const entry = await stat(name).catch(cause => {
    throw new CliError('NO_FILE', `${name}: expected a photo or a folder: ${cause.message}`, exitCodes.usage, {
      cause,
    });
  });
  if (!entry.isDirectory()) return [toPhoto(name)];
  const inside = await readdir(name, { recursive: true, withFileTypes: true });
  const files = inside.filter(file => file.isFile() && photoName.test(file.name) && !file.name.startsWith('.'));
  if (files.length === 0) throw new CliError('NO_FILE', `${name}: this folder holds no photo`, exitCodes.usage);
  return files
    .map(file => path.join(file.parentPath, file.name))
    .sort()
    .map(toPhoto);
}

function toPhoto(name: string): NamedPhoto {
  return {
    name,
    read: () =>
      readFile(name).catch(cause => {
        throw new CliError('NO_FILE', `${name} cannot be read: ${cause.message}`, exitCodes.failed, { cause });
      }),
  };
}
