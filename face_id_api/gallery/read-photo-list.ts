import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readTime, timeExpected } from '../cli/parse-time.ts';
import type { Consent } from '../core/consent.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { PersonPhotos } from './bulk-enrol.ts';
import { GalleryError } from './gallery-error.ts';
import { parseCsv } from './parse-csv.ts';
import { toIdentityId } from './to-identity-id.ts';

/**
 * The photos of a CSV file with the columns `path`, `id` and, if they are there, `name`, `consent` (its purpose), `consent_given` and
 * `consent_expires`; paths start at the file's folder. The rows of one id may stand apart; its last name and consent count. `type` is
 * what ids of digits are.
 * @throws GalleryError naming the row
 */
export async function readPhotoList(file: string, type?: 'integer' | 'string'): Promise<PersonPhotos[]> {
  const [header = [], ...rows] = parseCsv(await readText(file), file);
  const [atPath, atId, atName] = [header.indexOf('path'), header.indexOf('id'), header.indexOf('name')];
  const atConsent = ['consent', 'consent_given', 'consent_expires'].map(column => header.indexOf(column));
  if (atPath < 0 || atId < 0) throw new GalleryError(`${file}: expected a first row with the columns path and id`);
  const people = new Map<IdentityId, { photos: string[]; name: string; consent: Consent | null }>();
  for (const [i, row] of rows.entries()) {
    const place = `${file}, row ${i + 2}`;
    if (row.length !== header.length) {
      throw new GalleryError(`${place}: expected ${header.length} columns, got ${row.length}`);
    }
    const id = toIdentityId(row[atId] ?? '', place, type);
    const person = people.get(id) ?? { photos: [], name: '', consent: null };
    person.photos.push(path.resolve(path.dirname(file), row[atPath] ?? ''));
    person.name = row[atName] || person.name;
    person.consent =
      readConsent(
        atConsent.map(column => row[column] ?? ''),
        place,
      ) ?? person.consent;
    people.set(id, person);
  }
  return [...people].map(([id, { photos, name, consent }]) => ({
    id,
    photos,
    ...(name !== '' && { name }),
    ...(consent !== null && { consent }),
  }));
}

/** Null where the row says nothing about one. */
function readConsent([purpose = '', given = '', expires = '']: readonly string[], place: string): Consent | null {
  if (purpose === '' && given === '' && expires === '') return null;
  const [from, to] = [readTime(given), expires === '' ? null : readTime(expires)];
  if (purpose === '' || from === null || (expires !== '' && to === null)) {
    throw new GalleryError(
      `${place}: expected consent with a purpose, and in consent_given and, if it ends, consent_expires ${timeExpected}`,
    );
  }
  return { purpose, given: from.toISOString(), expires: to?.toISOString() ?? null };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalleryError(`${file}: expected a list of photos: ${reason}`, { cause });
  }
}
