// Writes state dicts in torch.save's two formats, well-formed or not: pickles by hand, opcode by opcode.
import { type Zippable, zipSync } from 'fflate';

/** One opcode with its argument. */
export type Part = readonly number[];

const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const uint32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

export const proto: Part = [0x80, 2];
export const stop: Part = [0x2e];
export const mark: Part = [0x28];
export const none: Part = [0x4e];
export const newTrue: Part = [0x88];
export const newFalse: Part = [0x89];
export const emptyDict: Part = [0x7d];
export const emptyList: Part = [0x5d];
export const emptyTuple: Part = [0x29];
export const tuple: Part = [0x74];
export const setItems: Part = [0x75];
export const appends: Part = [0x65];
export const reduce: Part = [0x52];
export const persistentId: Part = [0x51];
export const int = (value: number): Part => [0x4a, ...uint32(value)];
export const unicode = (value: string): Part => [0x58, ...uint32(text(value).length), ...text(value)];
export const global = (module: string, name: string): Part => [0x63, ...text(`${module}\n${name}\n`)];
export const put = (index: number): Part => [0x71, index];
export const get = (index: number): Part => [0x68, index];

export type TestTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset?: number;
  readonly storage: Float32Array;
};

const magic: Part = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

export const orderedDict: readonly Part[] = [global('collections', 'OrderedDict'), emptyTuple, reduce];

/** The three pickles that come first. */
export const head: readonly Part[] = [
  ...[proto, magic, stop],
  ...[proto, int(1001), stop],
  ...[proto, emptyDict, mark, unicode('little_endian'), newTrue, setItems, stop],
];

export const bytes = (...parts: readonly (readonly Part[])[]): Uint8Array => Uint8Array.from(parts.flat(2));

/** The call that makes a tensor; `key` names its storage. The legacy format's ids end in a view, always None. */
export function tensorCall(
  key: string,
  { shape, strides, offset = 0, storage }: TestTensor,
  format: 'legacy' | 'zip' = 'legacy',
): readonly Part[] {
  const type = global('torch', 'FloatStorage');
  const view = format === 'legacy' ? [none] : [];
  const id = [mark, unicode('storage'), type, unicode(key), unicode('cpu'), int(storage.length), ...view, tuple];
  const numbers = (values: readonly number[]): readonly Part[] => [mark, ...values.map(int), tuple];
  return [
    global('torch._utils', '_rebuild_tensor_v2'),
    ...[
      mark,
      ...id,
      persistentId,
      int(offset),
      ...numbers(shape),
      ...numbers(strides),
      newFalse,
      ...orderedDict,
      tuple,
    ],
    reduce,
  ];
}

/** A state dict; tensor i is stored under the key `i`. */
export function stateDict(tensors: readonly TestTensor[]): Uint8Array {
  const entries = tensors.flatMap((tensor, i) => [unicode(tensor.name), ...tensorCall(String(i), tensor)]);
  const object = [proto, ...orderedDict, mark, ...entries, setItems, stop];
  const keys = [proto, emptyList, mark, ...tensors.map((_, i) => unicode(String(i))), appends, stop];
  const storages = tensors.map(({ storage }) => {
    const count = new BigInt64Array([BigInt(storage.length)]);
    return [...new Uint8Array(count.buffer), ...new Uint8Array(storage.slice().buffer)];
  });
  return bytes(head, object, keys, storages);
}

/** The entries of a state dict in the zip format, for zipSync; tensor i is stored as `data/i`. */
export function zipEntries(tensors: readonly TestTensor[]): Record<string, Uint8Array> {
  const entries = tensors.flatMap((tensor, i) => [unicode(tensor.name), ...tensorCall(String(i), tensor, 'zip')]);
  const files: Record<string, Uint8Array> = {
    'archive/data.pkl': bytes([proto, ...orderedDict, mark, ...entries, setItems, stop]),
    'archive/version': new TextEncoder().encode('3\n'),
  };
  for (const [i, { storage }] of tensors.entries()) {
    files[`archive/data/${i}`] = new Uint8Array(storage.slice().buffer);
  }
  return files;
}

/** Stored, not compressed, as torch.save does it. */
export function stored(entries: Zippable): Uint8Array {
  return zipSync(entries, { level: 0 });
}
