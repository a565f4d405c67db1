import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Two photos, by path relative to the folder of images, and whether they show one person. */
export type PhotoPair = { readonly first: string; readonly second: string; readonly samePerson: boolean };

/**
 * Reads a pairs file in LFW's format: a count line (or "folds count"), then "name i j" for a pair of one person and
 * "nameA i nameB j" for two people. Photo i of a name is `<name>/<name>_000i.jpg`.
 * @throws Error naming file and line where a line is neither
 */
export async function readPairs(file: string): Promise<PhotoPair[]> {
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/);
  const pairs: PhotoPair[] = [];
  for (const [index, line] of lines.entries()) {
    const fields = line.trim().split(/\s+/);
    if (index === 0 || line.trim() === '') continue;
    const [name = '', first = '', third = '', fourth] = fields;
    if (fields.length === 3) {
      pairs.push({ first: photoOf(name, first), second: photoOf(name, third), samePerson: true });
    } else if (fields.length === 4 && fourth !== undefined) {
      pairs.push({ first: photoOf(name, first), second: photoOf(third, fourth), samePerson: false });
    } else {
      throw new Error(`${file}:${index + 1}: expected "name i j" or "nameA i nameB j", got "${line}"`);
    }
  }
  return pairs;
}

/** The person that a photo of this layout shows. */
export function personOf(photo: string): string {
  return path.posix.dirname(photo);
}

function photoOf(name: string, index: string): string {
  return `${name}/${name}_${index.padStart(4, '0')}.jpg`;
}
