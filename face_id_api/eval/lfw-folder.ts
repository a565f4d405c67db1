import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EvaluationError } from './evaluation-error.ts';

/** Two photos, by path relative to the folder of images, and whether they show one person. */
export type PhotoPair = {
  readonly first: string;
  readonly second: string;
  readonly samePerson: boolean;
  /** Index of the set that the list puts it in. */
  readonly set: number;
  /** In the list, from 1. */
  readonly line: number;
};

export type PairList = {
  /** The file's name. */
  readonly name: string;
  /** Sets of equal size that the list is made of; LFW's pairs.txt has ten, for cross-validation. */
  readonly sets: number;
  readonly pairs: readonly PhotoPair[];
};

/**
 * Reads a list of pairs in LFW's format: a line "n" or "sets n", then for each set n lines "name i j" for a pair of one person and
 * n lines "nameA i nameB j" for two people. Photo i of a name is `<name>/<name>_000i.jpg`.
 * @throws EvaluationError naming the file, and the line that cannot be read
 */
export async function readPairs(file: string): Promise<PairList> {
  const lines = (await readList(file)).split(/\r?\n/);
  const header = (lines[0] ?? '').trim().split(/\s+/).map(Number);
  const [sets, setSize] = header.length === 2 ? [header[0]!, header[1]!] : [1, header[0]!];
  if (header.length > 2 || ![sets, setSize].every(count => Number.isInteger(count) && count > 0)) {
    throw new EvaluationError(
      `${file}:1: expected the number of pairs, or of sets and of pairs in each, got "${lines[0]}"`,
    );
  }
  const pairs: PhotoPair[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const pair = parsePair(line);
    if (pair === null) {
      throw new EvaluationError(`${file}:${index + 1}: expected "name i j" or "nameA i nameB j", got "${line}"`);
    }
    pairs.push({ ...pair, set: Math.min(sets - 1, Math.floor(pairs.length / (2 * setSize))), line: index + 1 });
  }
  return { name: path.basename(file), sets, pairs };
}

/** Folder that the paths of photos start at: `images` in the data's folder where there is one, otherwise the folder itself. */
export async function imagesFolder(data: string): Promise<string> {
  const images = path.join(data, 'images');
  return (await isFolder(images)) ? images : data;
}

/** Every photo that the lists name, once, in their order. */
export function photosOf(lists: readonly PairList[]): string[] {
  return [...new Set(lists.flatMap(({ pairs }) => pairs.flatMap(({ first, second }) => [first, second])))];
}

/** The person that a photo of this layout shows. */
export function personOf(photo: string): string {
  return path.posix.dirname(photo);
}

/** @throws EvaluationError when a person is in both lists: figures on the one would flatter what was tuned on the other */
export function checkNobodyInBoth(train: PairList, test: PairList): void {
  const trained = new Set(photosOf([train]).map(personOf));
  const shared = new Set(
    photosOf([test])
      .map(personOf)
      .filter(person => trained.has(person)),
  );
  if (shared.size === 0) return;
  const first = test.pairs.find(pair => shared.has(personOf(pair.first)) || shared.has(personOf(pair.second)));
  throw new EvaluationError(
    `${test.name}: expected people who are not in ${train.name}, got ${shared.size} who are (the first in line ` +
      `${first?.line}). Thresholds cannot be tested on the people they were taken from: name another list with --test`,
  );
}

async function readList(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new EvaluationError(`${file}: expected a list of pairs in LFW's format, but it cannot be read`, { cause });
  }
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    return false;
  }
}

function parsePair(line: string): Pick<PhotoPair, 'first' | 'second' | 'samePerson'> | null {
  const [name = '', first = '', third = '', fourth, ...more] = line.trim().split(/\s+/);
  if (third === '' || more.length > 0) return null;
  return fourth === undefined
    ? { first: photoOf(name, first), second: photoOf(name, third), samePerson: true }
    : { first: photoOf(name, first), second: photoOf(third, fourth), samePerson: false };
}

function photoOf(name: string, index: string): string {
  return `${name}/${name}_${index.padStart(4, '0')}.jpg`;
}
