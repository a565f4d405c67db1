// The zip format of torch.save (torch 1.6 and later), as torch/serialization.py's _load reads it: one folder with data.pkl, the
// object as a pickle; data/<key>, a storage each; byteorder, from torch 2.1 on; and files that tell nothing about the tensors.
import { unzipSync } from 'fflate';
import { readPickle } from './read-pickle.ts';
import { type Storage, stateDictHandlers, type ToResult } from './state-dict-pickle.ts';
import { WeightsError } from './weights-error.ts';

const signature = [0x50, 0x4b, 0x03, 0x04];

export function isZip(file: Uint8Array): boolean {
  return signature.every((byte, i) => file[i] === byte);
}

/** What `toResult` makes of the object in the zip format; see readPickleWeights, which calls it. */
export function readZipObject<T>(file: Uint8Array, toResult: ToResult<T>): T {
  const entries = readEntries(file);
  const pickles = [...entries.keys()].filter(name => name === 'data.pkl' || name.endsWith('/data.pkl'));
  const [pickleName] = pickles;
  if (pickleName === undefined || pickles.length !== 1) {
    throw new WeightsError(`zip archive: expected one data.pkl, got ${pickles.length}`);
  }
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const entry = (name: string): Uint8Array => {
    const bytes = entries.get(`${folder}${name}`);
    if (bytes === undefined) throw new WeightsError(`zip archive: expected an entry '${folder}${name}', got none`);
    return bytes;
  };
  checkByteOrder(entries.get(`${folder}byteorder`));

  const pickle = entry('data.pkl');
  const storages = new Map<string, Storage>();
  const { value, end } = readPickle(pickle, 0, stateDictHandlers(storages));
  if (end !== pickle.length) throw new WeightsError(`data.pkl: expected ${end} bytes, got ${pickle.length}`);
  const elements = new Map<Storage, Float32Array>();
  for (const storage of storages.values()) {
    const bytes = entry(`data/${storage.key}`);
    if (bytes.length !== storage.byteLength) {
      throw new WeightsError(`storage '${storage.key}': expected ${storage.byteLength} bytes, got ${bytes.length}`);
    }
    elements.set(storage, storage.read(bytes));
  }
  return toResult(value, elements, file.length);
}

/**
 * The entries by name. torch.save compresses nothing, so a compressed entry is refused, and so are entries that together are larger
 * than the file (they would lie over each other): an archive unpacks to no more than its own size.
 */
function readEntries(file: Uint8Array): Map<string, Uint8Array> {
  let total = 0;
  const seen = new Set<string>();
  try {
    const entries = unzipSync(file, {
      filter({ name, size, originalSize, compression }) {
        if (compression !== 0 || size !== originalSize) {
          throw new WeightsError(`zip archive: expected '${name}' to be stored as it is, got it compressed`);
        }
        if (seen.has(name)) throw new WeightsError(`zip archive: expected names once, got '${name}' twice`);
        seen.add(name);
        total += size;
        if (total > file.length) {
          throw new WeightsError(
            `zip archive: expected entries of at most ${file.length} bytes, got more at '${name}'`,
          );
        }
        return true;
      },
    });
    return new Map(Object.entries(entries));
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new WeightsError(`zip archive: expected one that can be read, got: ${reason}`, { cause: error });
  }
}

function checkByteOrder(bytes: Uint8Array | undefined): void {
  // Before torch 2.1 nothing was noted, and everything was little-endian.
  if (bytes === undefined) return;
  const order = new TextDecoder().decode(bytes.subarray(0, 16));
  if (order !== 'little') throw new WeightsError(`byteorder: expected little, got ${JSON.stringify(order)}`);
}
