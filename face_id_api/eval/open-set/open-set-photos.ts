import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { mapConcurrently } from '../../core/map-concurrently.ts';
import { EvaluationError } from '../evaluation-error.ts';
import { imagesFolder, personOf } from '../lfw-folder.ts';

/** Whom an open-set evaluation enrols and whom it searches for; photos by path relative to `root`. */
export type OpenSetPhotos = {
  readonly root: string;
  readonly people: readonly EnrolledPerson[];
  /** One photo of everybody else, in the order of their names: searches for strangers then have nothing in common but the gallery. */
  readonly strangers: readonly string[];
};

export type EnrolledPerson = { readonly enrolled: readonly string[]; readonly probes: readonly string[] };

/** Photos that each person is enrolled with: their first. */
export const photosEnrolled = 3;
/** With fewer, an FPIR of 1 % is less than one search. */
const fewestStrangers = 100;
const photoName = /\.(jpe?g|png|webp)$/i;

/**
 * Reads `gallery.txt` (a person's folder a line) in a folder of LFW's layout: these people are enrolled with their first three photos and
 * searched for with all others; whoever else has a folder is a stranger.
 * @throws EvaluationError where the list or the folders do not hold what is needed
 */
export async function readOpenSet(data: string): Promise<OpenSetPhotos> {
  const root = await imagesFolder(data);
  const names = await readGallery(path.join(data, 'gallery.txt'));
  const people: EnrolledPerson[] = [];
  for (const [name, line] of names) {
    const photos = await photosIn(root, name);
    if (photos.length <= photosEnrolled) {
      throw new EvaluationError(
        `gallery.txt:${line}: expected a folder with at least ${photosEnrolled + 1} photos, got ${photos.length}`,
      );
    }
    people.push({ enrolled: photos.slice(0, photosEnrolled), probes: photos.slice(photosEnrolled) });
  }
  const folders = (await readdir(root, { withFileTypes: true })).filter(entry => entry.isDirectory());
  const strangers: string[] = [];
  for (const name of folders.map(entry => entry.name).sort()) {
    const [first] = names.has(name) ? [] : await photosIn(root, name);
    if (first !== undefined) strangers.push(first);
  }
  if (strangers.length < fewestStrangers) {
    throw new EvaluationError(
      `${root}: expected folders of at least ${fewestStrangers} people who are not in gallery.txt, got ${strangers.length}. ` +
        'An FPIR of 1 % cannot be measured with fewer',
    );
  }
  return { root, people, strangers };
}

/**
 * That nobody is searched for with a photo that was enrolled, nor is a stranger enrolled: by folder, and by the photos' content.
 * @throws EvaluationError naming the photos, which are the operator's own
 */
export async function checkNobodyTwice({ root, people, strangers }: OpenSetPhotos, signal: AbortSignal): Promise<void> {
  const enrolled = people.flatMap(person => person.enrolled);
  const members = new Set(enrolled.map(personOf));
  const known = strangers.find(photo => members.has(personOf(photo)));
  if (known !== undefined) throw new EvaluationError(`${known}: expected a stranger, got somebody who is enrolled`);
  const sums = new Map<string, string>();
  const sumOf = async (photo: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path.join(root, photo)))
      .digest('hex');
  for (const photo of enrolled) sums.set(await sumOf(photo), photo);
  const probes = [...people.flatMap(person => person.probes), ...strangers];
  const found = await mapConcurrently(probes, { limit: 8, signal }, async photo => sums.get(await sumOf(photo)));
  const index = found.findIndex(same => same !== undefined);
  if (index >= 0)
    throw new EvaluationError(`${probes[index]}: expected another photo than ${found[index]}, got a copy`);
}

/** Names with their lines, in the order of the list. */
async function readGallery(file: string): Promise<Map<string, number>> {
  const names = new Map<string, number>();
  for (const [index, line] of (await readList(file)).split(/\r?\n/).entries()) {
    const name = line.trim();
    if (name === '') continue;
    if (names.has(name)) {
      throw new EvaluationError(
        `${file}:${index + 1}: expected everybody once, got the name of line ${names.get(name)}`,
      );
    }
    names.set(name, index + 1);
  }
  if (names.size === 0) throw new EvaluationError(`${file}: expected the names of those who are enrolled, got none`);
  return names;
}

async function readList(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new EvaluationError(`${file}: expected a list of those who are enrolled, a folder's name a line`, { cause });
  }
}

/** In the order of their names; none where there is no such folder. */
async function photosIn(root: string, name: string): Promise<string[]> {
  const files = await readdir(path.join(root, name)).catch(() => []);
  return files
    .filter(file => photoName.test(file))
    .sort()
    .map(file => path.posix.join(name, file));
}
