import { messageOf } from '../model-error.ts';
import { readBounded } from './read-folder.ts';
import type { FetchOutcome, FetchRequest, FilePlace } from './source.ts';

/** The one file of a model's weights, from where the operator says. Its name there does not matter. */
export async function fetchFromFile(place: FilePlace, { files, signal, onBytes }: FetchRequest): Promise<FetchOutcome> {
  const [wanted, ...others] = files;
  if (wanted === undefined || others.length > 0) {
    const reason = `${place.path}: expected to stand for one file, got ${files.length}`;
    return { ok: false, reason, remedy: 'put the files into a folder and point models.mirror at it' };
  }
  try {
    const bytes = await readBounded(place.path, wanted.bytes);
    signal.throwIfAborted();
    onBytes(bytes.length);
    return { ok: true, files: new Map([[wanted.name, bytes]]) };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, reason: messageOf(error), remedy: `see that it is ${wanted.name} and can be read` };
  }
}
