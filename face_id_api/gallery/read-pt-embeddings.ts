import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readPickleTensor, WeightsError } from '../../triton/build/weights/read-pickle-weights.ts';
import { noFields } from '../core/identity-fields.ts';
import { norm } from '../core/similarity.ts';
import type { GalleryModel, IdentityRecord } from '../store/store.ts';
import { GalleryError } from './gallery-error.ts';
import { toIdentityId } from './to-identity-id.ts';

const extension = '.pt';
/** A tensor of 512 values has 3 kB. */
const maxBytes = 1024 * 1024;

/**
 * The embeddings of a folder with one file `<id>.pt` per person, as torch.save writes a tensor of the model's dimension; any length but
 * 0. Nothing in the files is executed. Files that cannot be read are told to `refuse`.
 * @throws GalleryError where there is no such folder, or no such file in it
 */
export async function* readPtEmbeddings(
  folder: string,
  model: GalleryModel,
  refuse: (file: string, reason: string) => void,
): AsyncGenerator<IdentityRecord> {
  const names = await readdir(folder).catch(cause => {
    throw new GalleryError(`${folder}: expected a folder with files ID${extension}: ${cause.message}`, { cause });
  });
  const files = names.filter(name => name.endsWith(extension)).sort();
  if (files.length === 0) throw new GalleryError(`${folder}: expected files ID${extension}, got none`);
  for (const name of files) {
    const file = path.join(folder, name);
    try {
      yield toRecord(await readFile(file), name, model);
    } catch (error) {
      if (!(error instanceof WeightsError || error instanceof GalleryError)) throw error;
      refuse(file, error.message);
    }
  }
}

function toRecord(bytes: Buffer, name: string, { fingerprint, dimension }: GalleryModel): IdentityRecord {
  if (bytes.length > maxBytes) throw new GalleryError(`expected at most ${maxBytes} bytes, got ${bytes.length}`);
  const id = toIdentityId(name.slice(0, -extension.length), name);
  const { shape, data } = readPickleTensor(bytes);
  if (data.length !== dimension) {
    throw new GalleryError(`expected a tensor of ${dimension} values, got shape [${shape.join(',')}]`);
  }
  const length = norm(data);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) throw new GalleryError('expected a vector with a direction');
  const created = new Date().toISOString();
  const vector = data.map(value => value / length);
  const sourceSha256 = createHash('sha256').update(bytes).digest('hex');
  const template = { id: randomUUID(), vector, sourceSha256, detector: 'mtcnn', fingerprint, created };
  return { id, ...noFields, created, updated: created, seen: null, templates: [template] };
}
