import { readFile } from 'node:fs/promises';
import { withPath } from './system-error.ts';

/** A file's text; an error of the system names the file, also where it is a folder. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw withPath(error, file);
  }
}
