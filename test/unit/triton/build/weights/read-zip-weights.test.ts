import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readPickleWeights } from '../../../../../triton/build/weights/read-pickle-weights.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';
import {
  bytes,
  global,
  mark,
  proto,
  reduce,
  stop,
  stored,
  type TestTensor,
  tuple,
  unicode,
  zipEntries,
} from './state-dict.ts';

const tensor: TestTensor = { name: 'w', shape: [2, 3], strides: [3, 1], storage: Float32Array.of(1, 2, 3, 4, 5, 6) };
const entries = zipEntries([tensor]);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const without = (name: string): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(entries).filter(([key]) => key !== name));

describe('readPickleWeights of the zip format', () => {
  it('reads tensors by name, row by row', () => {
    const transposed = { ...tensor, name: 't', shape: [3, 2], strides: [1, 3] };
    const weights = readPickleWeights(stored(zipEntries([tensor, transposed])));
    expect(weights.get('w')).toEqual({ shape: [2, 3], data: tensor.storage });
    expect(weights.get('t')?.data).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  });

  it('reads an archive whatever its folder is called, or without one, and the byte order of newer files', () => {
    const renamed = Object.entries(entries).map(([name, data]) => [name.replace('archive/', ''), data]);
    const file = stored({ ...Object.fromEntries(renamed), byteorder: text('little') });
    expect(readPickleWeights(file).get('w')?.data).toEqual(tensor.storage);
  });

  it('reads a file that is a view at an odd offset of a larger buffer', () => {
    const file = Buffer.concat([Buffer.of(7), stored(entries)]);
    expect(readPickleWeights(file.subarray(1)).get('w')?.data).toEqual(tensor.storage);
  });

  it('refuses every global but the ones of a state dict, and calls nothing', () => {
    const call = bytes([proto, global('posix', 'system'), mark, unicode('true'), tuple, reduce, stop]);
    expect(() => readPickleWeights(stored({ ...entries, 'archive/data.pkl': call }))).toThrow(
      new WeightsError("pickle at offset 2: global 'posix system' is not allowed"),
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['bytes that only begin like an archive', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), 'expected one that can be read'],
    ['an archive without a pickle', stored(without('archive/data.pkl')), 'expected one data.pkl, got 0'],
    ['an archive with two', stored({ ...entries, 'b/data.pkl': text('x') }), 'expected one data.pkl, got 2'],
    ['a missing storage', stored(without('archive/data/0')), "expected an entry 'archive/data/0', got none"],
    [
      'a storage of another size',
      stored({ ...entries, 'archive/data/0': new Uint8Array(20) }),
      "storage '0': expected 24 bytes, got 20",
    ],
    ['big-endian storages', stored({ ...entries, 'archive/byteorder': text('big') }), 'byteorder: expected little'],
    [
      'bytes after the pickle',
      stored({ ...entries, 'archive/data.pkl': Buffer.concat([entries['archive/data.pkl']!, text('..')]) }),
      'data.pkl: expected',
    ],
    ['compressed entries', zipSync({ ...entries, zeros: new Uint8Array(9999) }), 'to be stored as it is'],
  ])('refuses %s', (_, file, message) => {
    expect(() => readPickleWeights(file)).toThrow(WeightsError);
    expect(() => readPickleWeights(file)).toThrow(message);
  });

  it('refuses entries that lie over each other, before memory is taken for them', () => {
    const file = stored({ ...entries, big: new Uint8Array(600), same: new Uint8Array(600) });
    // Both name 1,200 bytes in the directory; the file has fewer than that twice.
    const view = new DataView(file.buffer);
    for (let at = 0; at + 46 < file.length; at++) {
      if (view.getUint32(at, true) !== 0x02014b50 || view.getUint32(at + 20, true) !== 600) continue;
      view.setUint32(at + 20, 1200, true);
      view.setUint32(at + 24, 1200, true);
    }
    expect(() => readPickleWeights(file)).toThrow(
      /zip archive: expected entries of at most \d+ bytes, got more at 'same'/,
    );
  });
});
