import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { IdentityId } from '../core/identity-id.ts';
import type { PersonPhotos } from './bulk-enrol.ts';
import { GalleryError } from './gallery-error.ts';
import { parseCsv } from './parse-csv.ts';
import { toIdentityId } from './to-identity-id.ts';

/**
 * The photos of a CSV file with the columns `path`, `id` and, if there is one, `name`; paths start at the file's folder. The rows of
 * one id may stand apart; its last name counts.
 * @throws GalleryError naming the row
 */
export async function readPhotoList(file: string): Promise<PersonPhotos[]> {
  const [header = [], ...rows] = parseCsv(await readText(file), file);
  const [atPath, atId, atName] = ['path', 'id', 'name'].map(column => header.indexOf(column)) as [
    number,
    number,
    number,
  ];
  if (atPath < 0 || atId < 0) throw new GalleryError(`${file}: expected a first row with the columns path and id`);
  const people = new Map<IdentityId, { photos: string[]; name: string }>();
  for (const [i, row] of rows.entries()) {
    const place = `${file}, row ${i + 2}`;
    if (row.length !== header.length) {
      throw new GalleryError(`${place}: expected ${header.length} columns, got ${row.length}`);
    }
    const id = toIdentityId(row[atId] ?? '', place);
    const person = people.get(id) ?? { photos: [], name: '' };
    person.photos.push(path.resolve(path.dirname(file), row[atPath] ?? ''));
    person.name = row[atName] || person.name;
    people.set(id, person);
  }
  return [...people].map(([id, { photos, name }]) => ({ id, photos, ...(name !== '' && { name }) }));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalleryError(`${file}: expected a list of photos: ${reason}`, { cause });
  }
}
