// The legacy (non-zip) format of torch.save, as torch/serialization.py's _legacy_load reads it: five pickles (magic number,
// protocol version, system information, the object, the keys of its storages), then each storage as an int64 count and its
// little-endian elements, in the order of the keys.
import { readPickle } from './read-pickle.ts';
import { isZip, readZipObject } from './read-zip-weights.ts';
import {
  type StateDictValue,
  type Storage,
  stateDictHandlers,
  type TensorView,
  type ToResult,
  toTensor,
  toWeights,
} from './state-dict-pickle.ts';
import type { Weight, Weights } from './weights.ts';
import { WeightsError } from './weights-error.ts';

export { WeightsError };

const magic = 0x1950a86a20f9469cfc6cn;
const formatVersion = 1001;

/**
 * Reads a PyTorch state dict, in the zip format (torch 1.6 and later) or in the legacy one. Nothing in the file is executed:
 * the pickles may hold a closed list of opcodes and name only an OrderedDict, the rebuilding of a tensor and storages of float32
 * or int64; anything else is refused. Strided tensors come out row-major; int64 ones as floats.
 *
 * Throws only WeightsErrors: they name the offset in the pickle's file, the tensor or the storage. No tensor may reach outside
 * its storage, and all tensors together hold no more elements than the file has bytes, checked before memory is taken.
 */
export function readPickleWeights(file: Uint8Array): Weights {
  return isZip(file) ? readZipObject(file, toWeights) : readLegacyObject(file, toWeights);
}

/** Reads a file in which torch.save put one tensor and nothing else, as strictly; see readPickleWeights. */
export function readPickleTensor(file: Uint8Array): Weight {
  return isZip(file) ? readZipObject(file, toTensor) : readLegacyObject(file, toTensor);
}

function readLegacyObject<T>(file: Uint8Array, toResult: ToResult<T>): T {
  const storages = new Map<string, Storage>();
  const first = readPlain(file, 0);
  if (first.value !== magic) throw new WeightsError('state dict: expected the magic number of torch.save');
  const version = readPlain(file, first.end);
  if (version.value !== formatVersion) throw new WeightsError(`state dict: expected format ${formatVersion}`);
  const system = readPlain(file, version.end);
  if (!(system.value instanceof Map) || system.value.get('little_endian') !== true) {
    throw new WeightsError('state dict: expected little-endian storages');
  }
  const object = readPickle(file, system.end, stateDictHandlers(storages));
  const keys = readPlain(file, object.end);
  const elements = readStorages(file, keys.end, keys.value, storages);
  return toResult(object.value, elements, file.length);
}

/** A pickle of plain values: no global, no object. */
function readPlain(file: Uint8Array, start: number): { readonly value: StateDictValue; readonly end: number } {
  const refuse = (offset: number): never => {
    throw new WeightsError(`pickle at offset ${offset}: expected plain values, got an object`);
  };
  return readPickle<Storage | TensorView>(file, start, {
    globals: new Set(),
    reduce: (_name, _args, offset) => refuse(offset),
    persistent: (_id, offset) => refuse(offset),
  });
}

function readStorages(
  file: Uint8Array,
  start: number,
  keys: StateDictValue,
  storages: ReadonlyMap<string, Storage>,
): Map<Storage, Float32Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const elements = new Map<Storage, Float32Array>();
  let at = start;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || elements.has(storage)) {
      throw new WeightsError(`storages at offset ${at}: expected the key of a storage not seen before, got another`);
    }
    const where = `storage '${storage.key}' at offset ${at}`;
    const end = at + 8 + storage.byteLength;
    if (end > file.length) throw new WeightsError(`${where}: expected ${end - at} bytes, got ${file.length - at}`);
    const count = view.getBigInt64(at, true);
    if (count !== BigInt(storage.count)) {
      throw new WeightsError(`${where}: expected ${storage.count} elements, got ${count}`);
    }
    elements.set(storage, storage.read(file.subarray(at + 8, end)));
    at = end;
  }
  if (elements.size !== storages.size) {
    throw new WeightsError(`state dict: expected ${storages.size} storages, got ${elements.size}`);
  }
  if (at !== file.length) throw new WeightsError(`state dict: expected ${at} bytes, got ${file.length}`);
  return elements;
}
