import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { messageOf } from '../model-error.ts';
import { readFolder } from './read-folder.ts';
import type { FetchOutcome, FetchRequest, NpmPlace } from './source.ts';

/** The folder of an installed package, wherever Node finds it from here. Throws when it is not installed. */
export type ResolvePackage = (name: string) => string;

export const resolveInstalledPackage: ResolvePackage = name =>
  path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

const packageJson = z.object({ version: z.string() });

/** Files of an installed npm package, of exactly the version that the sums were taken from. */
export async function fetchFromNpm(
  resolvePackage: ResolvePackage,
  place: NpmPlace,
  request: FetchRequest,
): Promise<FetchOutcome> {
  const remedy = `npm ci, or npm install ${place.package}@${place.version}`;
  try {
    const folder = resolvePackage(place.package);
    const { version } = packageJson.parse(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')));
    if (version !== place.version) {
      return { ok: false, reason: `${place.package}: expected version ${place.version}, got ${version}`, remedy };
    }
    const outcome = await readFolder(path.join(folder, place.folder), request);
    return outcome.ok ? outcome : { ...outcome, remedy };
  } catch (error) {
    request.signal.throwIfAborted();
    return { ok: false, reason: `${place.package} is not installed (${firstLine(messageOf(error))})`, remedy };
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
