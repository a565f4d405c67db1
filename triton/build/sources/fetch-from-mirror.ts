import path from 'node:path';
import { readFolder } from './read-folder.ts';
import type { FetchOutcome, FetchRequest, MirrorPlace } from './source.ts';

/** Files from the operator's own folder: `<mirror>/<place.folder>/<file>`. */
export async function fetchFromMirror(
  mirror: string,
  place: MirrorPlace,
  request: FetchRequest,
): Promise<FetchOutcome> {
  const folder = path.resolve(mirror, place.folder);
  const outcome = await readFolder(folder, request);
  if (outcome.ok) return outcome;
  const names = request.files.map(file => file.name).join(', ');
  return { ...outcome, remedy: `put ${names} into ${folder}, or point models.mirror at a folder that has them` };
}
