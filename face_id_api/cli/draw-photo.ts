import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { drawFaces } from '../../detector/draw-faces.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { type AnsweredFace, noteOf } from './face-text.ts';
import { withPath } from './system-error.ts';

/**
 * Draws answered faces over their photos: into `out` itself where that is a .jpg and there is one photo, otherwise as `<name>.jpg` into the folder `out`, which is
 * made. Two photos of one name get numbers.
 */
export async function prepareDrawing(out: string, photos: number) {
  const isFile = /\.jpe?g$/i.test(out);
  if (isFile && photos > 1) {
    throw new CliError('USAGE', `--draw ${out}: expected a folder for ${photos} photos`, exitCodes.usage);
  }
  await mkdir(isFile ? path.dirname(out) : out, { recursive: true });
  const taken = new Map<string, number>();
  return async (photo: string, bytes: Buffer, faces: readonly AnsweredFace[]): Promise<void> => {
    const name = photo === '-' ? 'stdin' : path.parse(photo).name;
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    const file = isFile ? out : path.join(out, `${name}${count === 1 ? '' : `-${count}`}.jpg`);
    const drawn = await drawFaces(bytes, faces.map(noteOf));
    await writeFile(file, drawn).catch(error => {
      throw withPath(error, file);
    });
  };
}
