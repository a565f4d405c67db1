import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PersonPhotos } from './bulk-enrol.ts';
import { GalleryError } from './gallery-error.ts';
import { toIdentityId } from './to-identity-id.ts';

/**
 * The photos of a tree `<id>/<photo>`, by name; what stands deeper or starts with a dot is left alone. `type` is what names of digits are.
 * @throws GalleryError where the folder cannot be read or a folder's name is no id
 */
export async function listFolder(root: string, type?: 'integer' | 'string'): Promise<PersonPhotos[]> {
  const people: PersonPhotos[] = [];
  for (const folder of await entriesOf(root)) {
    if (!folder.isDirectory()) continue;
    const own = path.join(root, folder.name);
    const inside = await entriesOf(own);
    const photos = inside.filter(entry => entry.isFile()).map(({ name }) => path.join(own, name));
    if (photos.length > 0) people.push({ id: toIdentityId(folder.name, own, type), photos });
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
