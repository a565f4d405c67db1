import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PersonPhotos } from './bulk-enrol.ts';
import { GalleryError } from './gallery-error.ts';
import { toIdentityId } from './to-identity-id.ts';

/**
 * The photos of a tree `<id>/<photo>`, by name; what stands deeper or starts with a dot is left alone.
 * @throws GalleryError where the folder cannot be read or a folder's name is no id
 */
export async function listFolder(root: string): Promise<PersonPhotos[]> {
  const people: PersonPhotos[] = [];
  for (const folder of await entriesOf(root)) {
    if (!folder.isDirectory()) continue;
    const inside = await entriesOf(path.join(root, folder.name));
    const photos = inside.filter(entry => entry.isFile()).map(({ name }) => path.join(root, folder.name, name));
    if (photos.length > 0) people.push({ id: toIdentityId(folder.name, path.join(root, folder.name)), photos });
  }
  return people;
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalleryError(`${folder}: expected a folder with a folder per person: ${reason}`, { cause });
  }
}
