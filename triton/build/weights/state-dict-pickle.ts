// The pickle of a state dict, as torch/_utils.py and torch/serialization.py write it in both of torch.save's formats: an
// OrderedDict of calls that rebuild tensors over storages. The storages lie elsewhere and are named by persistent ids.
import { toFloat32Array } from '../../core/tensor.ts';
import { gather } from './permute.ts';
import { PickleGlobal, type PickleHandlers, type PickleValue } from './read-pickle.ts';
import type { Weight, Weights } from './weights.ts';
import { WeightsError } from './weights-error.ts';

const maxRank = 8;

/** The storages that are read, with the size of an element. Batch normalisation's counters are int64. */
const elementBytes: ReadonlyMap<string, number> = new Map([
  ['torch FloatStorage', 4],
  ['torch LongStorage', 8],
]);

/** Where a tensor's elements lie: `key` is its name in the file. */
export class Storage {
  readonly key: string;
  readonly type: string;
  readonly count: number;
  constructor(key: string, type: string, count: number) {
    this.key = key;
    this.type = type;
    this.count = count;
  }

  /** Bytes that its elements take. */
  get byteLength(): number {
    return this.count * (elementBytes.get(this.type) ?? 0);
  }

  /** Its elements out of `byteLength` little-endian bytes; int64 ones as floats. Floats may be a view of the bytes. */
  read(bytes: Uint8Array): Float32Array {
    if (this.type === 'torch FloatStorage') return toFloat32Array(bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Float32Array.from({ length: this.count }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  }
}

/** A tensor whose storage has not been read yet. */
export class TensorView {
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

export type StateDictValue = PickleValue<Storage | TensorView>;

/** What the pickle of a state dict may name. Storages are put into `storages` by their keys as they are met. */
export function stateDictHandlers(storages: Map<string, Storage>): PickleHandlers<Storage | TensorView> {
  return {
    globals: new Set(['collections OrderedDict', 'torch._utils _rebuild_tensor_v2', ...elementBytes.keys()]),
    persistent: (id, offset) => toStorage(id, storages, offset),
    reduce,
  };
}

/** The persistent id of a storage: ('storage', type, key, device, element count), and in the legacy format a view, always None. */
function toStorage(id: StateDictValue, storages: Map<string, Storage>, offset: number): Storage {
  const [tag, type, key, device, count, view = null] = Array.isArray(id) ? id : [];
  const typeName = type instanceof PickleGlobal ? type.name : undefined;
  if (
    tag !== 'storage' ||
    typeName === undefined ||
    !elementBytes.has(typeName) ||
    typeof key !== 'string' ||
    typeof device !== 'string' ||
    !isCount(count) ||
    view !== null
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

function reduce(name: string, args: readonly StateDictValue[], offset: number): StateDictValue {
  if (name === 'collections OrderedDict' && args.length === 0) return new Map();
  if (name === 'torch._utils _rebuild_tensor_v2') {
    const [storage, storageOffset, shape, strides] = args;
    if (storage instanceof Storage && isCount(storageOffset) && isCounts(shape) && isCounts(strides)) {
      if (shape.length === strides.length) return new TensorView(storage, storageOffset, shape, strides);
    }
  }
  throw new WeightsError(`pickle at offset ${offset}: expected other arguments of '${name}'`);
}

/** What is made of a file's object: its storages have been read, and the file has `fileLength` bytes. */
export type ToResult<T> = (
  object: StateDictValue,
  elements: ReadonlyMap<Storage, Float32Array>,
  fileLength: number,
) => T;

/** The one tensor that the object is; checked as `toWeights` does. */
export const toTensor: ToResult<Weight> = (object, elements, fileLength) => {
  if (!(object instanceof TensorView)) throw new WeightsError('tensor: expected one tensor, got another object');
  const { shape } = object;
  return (
    toWeights(new Map([['tensor', object]]), elements, fileLength).get('tensor') ?? { shape, data: new Float32Array(0) }
  );
};

/**
 * The tensors by name, row-major. No tensor may reach outside its storage, and all together hold no more elements than the
 * file has bytes; both are checked before memory is taken.
 */
export function toWeights(
  object: StateDictValue,
  elements: ReadonlyMap<Storage, Float32Array>,
  fileLength: number,
): Weights {
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

function isCount(value: StateDictValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The length is bounded first: a file may name one long tuple again and again. */
function isCounts(value: StateDictValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= maxRank && value.every(isCount);
}
