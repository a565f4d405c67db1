// The legacy (non-zip) format of torch.save, as torch/serialization.py's _legacy_load reads it: five pickles (magic number,
// protocol version, system information, the object, the keys of its storages), then each storage as an int64 count and its
// little-endian elements, in the order of the keys.
import { gather } from './permute.ts';
import { PickleGlobal, type PickleValue, readPickle } from './read-pickle.ts';
import type { Weight, Weights } from './weights.ts';
import { WeightsError } from './weights-error.ts';

export { WeightsError };

const magic = 0x1950a86a20f9469cfc6cn;
const formatVersion = 1001;
const zipSignature = [0x50, 0x4b, 0x03, 0x04];
const maxRank = 8;

/** The storages that are read, with how one element is. Batch normalisation's counters are int64. */
const storageTypes: ReadonlyMap<string, { bytes: number; read: (view: DataView, at: number) => number }> = new Map([
  ['torch FloatStorage', { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) }],
  ['torch LongStorage', { bytes: 8, read: (view: DataView, at: number) => Number(view.getBigInt64(at, true)) }],
]);

class Storage {
  readonly key: string;
  readonly type: string;
  readonly count: number;
  constructor(key: string, type: string, count: number) {
    this.key = key;
    this.type = type;
    this.count = count;
  }
}

/** A tensor whose storage has not been read yet. */
class TensorView {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

type Value = PickleValue<Storage | TensorView>;

/**
 * Reads a PyTorch state dict in the legacy format. Nothing in the file is executed: the pickles may hold a closed list of
 * opcodes and name only an OrderedDict, the rebuilding of a tensor and the storages above; anything else is refused.
 * Strided tensors come out row-major; int64 ones as floats.
 *
 * Throws only WeightsErrors: they name the offset in the file, the tensor or the storage. No tensor may reach outside its
 * storage, and all tensors together hold no more elements than the file has bytes, checked before memory is taken.
 */
export function readPickleWeights(file: Uint8Array): Weights {
  if (zipSignature.every((byte, i) => file[i] === byte)) {
    throw new WeightsError("state dict: expected torch.save's legacy format, got a zip archive (the format since 1.6)");
  }
  const storages = new Map<string, Storage>();
  const first = readPlain(file, 0);
  if (first.value !== magic) throw new WeightsError('state dict: expected the magic number of torch.save');
  const version = readPlain(file, first.end);
  if (version.value !== formatVersion) throw new WeightsError(`state dict: expected format ${formatVersion}`);
  const system = readPlain(file, version.end);
  if (!(system.value instanceof Map) || system.value.get('little_endian') !== true) {
    throw new WeightsError('state dict: expected little-endian storages');
  }
  const object = readPickle<Storage | TensorView>(file, system.end, {
    globals: new Set(['collections OrderedDict', 'torch._utils _rebuild_tensor_v2', ...storageTypes.keys()]),
    persistent: (id, offset) => toStorage(id, storages, offset),
    reduce,
  });
  const keys = readPlain(file, object.end);
  const elements = readStorages(file, keys.end, keys.value, storages);
  return toWeights(object.value, elements, file.length);
}

/** A pickle of plain values: no global, no object. */
function readPlain(file: Uint8Array, start: number): { readonly value: Value; readonly end: number } {
  const refuse = (offset: number): never => {
    throw new WeightsError(`pickle at offset ${offset}: expected plain values, got an object`);
  };
  return readPickle<Storage | TensorView>(file, start, {
    globals: new Set(),
    reduce: (_name, _args, offset) => refuse(offset),
    persistent: (_id, offset) => refuse(offset),
  });
}

/** The persistent id of a storage: ('storage', type, key, device, element count, view metadata). */
function toStorage(id: Value, storages: Map<string, Storage>, offset: number): Storage {
  const [tag, type, key, device, count, viewMetadata] = Array.isArray(id) ? id : [];
  const typeName = type instanceof PickleGlobal ? type.name : undefined;
  if (
    tag !== 'storage' ||
    typeName === undefined ||
    !storageTypes.has(typeName) ||
    typeof key !== 'string' ||
    typeof device !== 'string' ||
    !isCount(count) ||
    viewMetadata !== null
  ) {
    throw new WeightsError(`pickle at offset ${offset}: expected the id of a storage, got another persistent id`);
  }
  const known = storages.get(key);
  if (known === undefined) {
    const storage = new Storage(key, typeName, count);
    storages.set(key, storage);
    return storage;
  }
  if (known.type !== typeName || known.count !== count) {
    throw new WeightsError(`storage '${key}': expected ${known.count} × ${known.type}, got ${count} × ${typeName}`);
  }
  return known;
}

function reduce(name: string, args: readonly Value[], offset: number): Value {
  if (name === 'collections OrderedDict' && args.length === 0) return new Map();
  if (name === 'torch._utils _rebuild_tensor_v2') {
    const [storage, storageOffset, shape, strides] = args;
    if (storage instanceof Storage && isCount(storageOffset) && isCounts(shape) && isCounts(strides)) {
      if (shape.length === strides.length) return new TensorView(storage, storageOffset, shape, strides);
    }
  }
  throw new WeightsError(`pickle at offset ${offset}: expected other arguments of '${name}'`);
}

function readStorages(
  file: Uint8Array,
  start: number,
  keys: Value,
  storages: ReadonlyMap<string, Storage>,
): Map<Storage, Float32Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const elements = new Map<Storage, Float32Array>();
  let at = start;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    const type = storageTypes.get(storage?.type ?? '');
    if (storage === undefined || type === undefined || elements.has(storage)) {
      throw new WeightsError(`storages at offset ${at}: expected the key of a storage not seen before, got another`);
    }
    const where = `storage '${storage.key}' at offset ${at}`;
    const end = at + 8 + storage.count * type.bytes;
    if (end > file.length) throw new WeightsError(`${where}: expected ${end - at} bytes, got ${file.length - at}`);
    const count = view.getBigInt64(at, true);
    if (count !== BigInt(storage.count)) {
      throw new WeightsError(`${where}: expected ${storage.count} elements, got ${count}`);
    }
    const values = new Float32Array(storage.count);
    for (let i = 0; i < values.length; i++) values[i] = type.read(view, at + 8 + i * type.bytes);
    elements.set(storage, values);
    at = end;
  }
  if (elements.size !== storages.size) {
    throw new WeightsError(`state dict: expected ${storages.size} storages, got ${elements.size}`);
  }
  if (at !== file.length) throw new WeightsError(`state dict: expected ${at} bytes, got ${file.length}`);
  return elements;
}

function toWeights(object: Value, elements: ReadonlyMap<Storage, Float32Array>, fileLength: number): Weights {
  if (!(object instanceof Map)) throw new WeightsError('state dict: expected a dictionary, got another object');
  const tensors = new Map<string, TensorView>();
  let total = 0;
  for (const [name, tensor] of object) {
    if (typeof name !== 'string' || !(tensor instanceof TensorView)) {
      const where = typeof name === 'string' ? `at '${name}'` : 'without a name';
      throw new WeightsError(`state dict: expected tensors by name, got something else ${where}`);
    }
    total += elementCount(name, tensor);
    if (total > fileLength) {
      throw new WeightsError(`tensor '${name}': expected no more elements than the file has bytes`);
    }
    tensors.set(name, tensor);
  }
  const weights = new Map<string, Weight>();
  for (const [name, { storage, offset, shape, strides }] of tensors) {
    const values = elements.get(storage);
    if (values !== undefined) weights.set(name, { shape, data: gather(values, offset, shape, strides) });
  }
  return weights;
}

/** The tensor's element count. Throws when its last element lies outside its storage. */
function elementCount(name: string, { storage, offset, shape, strides }: TensorView): number {
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  if (count > 0 && last >= storage.count) {
    throw new WeightsError(`tensor '${name}': expected to end within ${storage.count} elements, got ${last + 1}`);
  }
  return count;
}

function isCount(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The length is bounded first: a file may name one long tuple again and again. */
function isCounts(value: Value | undefined): value is number[] {
  return Array.isArray(value) && value.length <= maxRank && value.every(isCount);
}
