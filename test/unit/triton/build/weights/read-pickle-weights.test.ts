import { describe, expect, it } from 'vitest';
import { readPickleWeights } from '../../../../../triton/build/weights/read-pickle-weights.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';
import {
  bytes,
  emptyDict,
  emptyTuple,
  get,
  global,
  head,
  int,
  mark,
  none,
  orderedDict,
  type Part,
  proto,
  put,
  reduce,
  setItems,
  stateDict,
  stop,
  type TestTensor,
  tensorCall,
  tuple,
  unicode,
} from './state-dict.ts';

const tensor: TestTensor = { name: 'w', shape: [2, 3], strides: [3, 1], storage: Float32Array.of(1, 2, 3, 4, 5, 6) };

/** A file whose fourth pickle holds these parts. */
const withObject = (...parts: readonly Part[]): Uint8Array => bytes(head, [proto, ...parts, stop]);
const headLength = bytes(head).length;

describe('readPickleWeights', () => {
  it('reads tensors by name, row by row', () => {
    const weights = readPickleWeights(stateDict([tensor, { ...tensor, name: 'b', shape: [6], strides: [1] }]));
    expect([...weights.keys()]).toEqual(['w', 'b']);
    expect(weights.get('w')).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  });

  it('puts strided tensors into row-major order, from their offset', () => {
    const transposed = readPickleWeights(stateDict([{ ...tensor, shape: [3, 2], strides: [1, 3] }])).get('w');
    expect(transposed?.data).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
    const column = readPickleWeights(stateDict([{ ...tensor, shape: [2], strides: [3], offset: 2 }])).get('w');
    expect(column?.data).toEqual(Float32Array.of(3, 6));
  });

  it('reads a file that is a view at an odd offset of a larger buffer', () => {
    const file = stateDict([tensor]);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(readPickleWeights(shifted.subarray(1)).get('w')?.data).toEqual(tensor.storage);
  });

  it('reads an empty state dict', () => {
    expect(readPickleWeights(stateDict([])).size).toBe(0);
  });

  it('refuses every global but the ones of a state dict, by name and offset, and calls nothing', () => {
    const file = withObject(global('posix', 'system'), mark, unicode('true'), tuple, reduce);
    const message = `pickle at offset ${headLength + 2}: global 'posix system' is not allowed`;
    expect(() => readPickleWeights(file)).toThrow(new WeightsError(message));
  });

  it.each([
    ['INST', 0x69],
    ['OBJ', 0x6f],
    ['NEWOBJ', 0x81],
    ['EXT1', 0x82],
    ['STACK_GLOBAL', 0x93],
    ['DUP', 0x32],
    ['a byte that is no opcode', 0xff],
  ])('refuses opcode %s, by number and offset', (_, opcode) => {
    const message = `pickle at offset ${headLength + 2}: opcode 0x${opcode.toString(16)} is not allowed`;
    expect(() => readPickleWeights(withObject([opcode]))).toThrow(new WeightsError(message));
  });

  it('refuses objects before the state dict: the first pickles are plain', () => {
    const file = bytes([proto, ...orderedDict, stop]);
    expect(() => readPickleWeights(file)).toThrow("global 'collections OrderedDict' is not allowed");
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(), 'expected 1 more bytes, got 0'],
    ['another magic number', bytes([proto, int(1), stop]), 'expected the magic number'],
    ['a list', withObject(emptyDict, stop), 'pickle at offset'],
    ['a value that is no tensor', withObjectAndKeys(emptyDict, mark, unicode('w'), int(1), setItems), "at 'w'"],
    ['a memo that was never put', withObject(get(3)), 'expected a memo 3, got none'],
    ['a mark that was never set', withObject(tuple), 'expected a mark'],
    ['a value that is not on the stack', withObject(put(0)), 'expected a value on the stack'],
    ['a call of what is no global', withObject(int(1), emptyTuple, reduce), 'expected a global and a tuple'],
    ['arguments that no tensor has', withObject(...wrongCall(), reduce), 'expected other arguments'],
    [
      'a tensor of more than eight axes',
      stateDict([{ ...tensor, shape: ones(9), strides: ones(9) }]),
      'other arguments',
    ],
    ['text longer than the file', bytes(head, [proto, [0x58, 255, 255, 255, 255]]), 'expected 4294967295 more bytes'],
    ['text that is not UTF-8', withObject([0x58, 1, 0, 0, 0, 0xff]), 'expected UTF-8 text'],
    ['an endless global', bytes(head, [proto, [0x63, ...new Array<number>(999).fill(65)]]), 'a name that ends within'],
    ['an endless pickle', bytes(head, [proto, new Array<number>(1_100_000).fill(0x4e)]), 'at most 1048576 bytes'],
  ])('refuses %s', (_, file, message) => {
    expect(() => readPickleWeights(file)).toThrow(WeightsError);
    expect(() => readPickleWeights(file)).toThrow(message);
  });

  it('refuses a tensor that reaches outside its storage', () => {
    for (const wrong of [{ shape: [2, 4] }, { offset: 1 }, { strides: [4, 1] }]) {
      expect(() => readPickleWeights(stateDict([{ ...tensor, ...wrong }]))).toThrow(
        /tensor 'w': expected to end within 6 elements, got [78]/,
      );
    }
  });

  it('refuses tensors that expand to more elements than the file has bytes, before taking memory', () => {
    const expanded = { ...tensor, shape: [2 ** 30, 2 ** 30], strides: [0, 0] };
    expect(() => readPickleWeights(stateDict([expanded]))).toThrow('no more elements than the file has bytes');
  });

  it('refuses missing and trailing bytes', () => {
    const file = stateDict([tensor]);
    expect(() => readPickleWeights(file.subarray(0, -1))).toThrow(
      /storage '0' at offset \d+: expected 32 bytes, got 31/,
    );
    expect(() => readPickleWeights(Uint8Array.of(...file, 0))).toThrow(
      `expected ${file.length} bytes, got ${file.length + 1}`,
    );
  });

  it('refuses a storage count that differs from the pickle’s', () => {
    const file = stateDict([tensor]);
    file[file.length - 32] = 7;
    expect(() => readPickleWeights(file)).toThrow(/storage '0' at offset \d+: expected 6 elements, got 7/);
  });
});

function ones(count: number): number[] {
  return new Array<number>(count).fill(1);
}

function withObjectAndKeys(...parts: readonly Part[]): Uint8Array {
  return bytes(head, [proto, ...parts, stop], [proto, emptyTuple, stop]);
}

/** A tensor's call with its last argument but one dropped: the strides are a dictionary then. */
function wrongCall(): readonly Part[] {
  const call = tensorCall('0', { ...tensor, strides: [] });
  return [...call.slice(0, -1), none, none, tuple].slice(0, call.length - 1);
}
