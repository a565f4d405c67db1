import { describe, expect, it } from 'vitest';
import { tensor } from '../../../../triton/client/create-tensor.ts';
import {
  classificationsOf,
  float16Values,
  float32Values,
  stringValues,
  valuesOf,
} from '../../../../triton/client/read-tensor.ts';
import type { TensorInput, TensorValues } from '../../../../triton/client/tensor-arrays.ts';
import type { Datatype } from '../../../../triton/core/datatype.ts';
import type { Tensor } from '../../../../triton/core/tensor.ts';

type Case<D extends Datatype> = { datatype: D; typed: TensorValues[D]; plain: TensorInput[D] };

const cases = [
  { datatype: 'BOOL', typed: Uint8Array.of(1, 0), plain: [true, false] } satisfies Case<'BOOL'>,
  { datatype: 'UINT8', typed: Uint8Array.of(0, 255), plain: [0, 255] } satisfies Case<'UINT8'>,
  { datatype: 'UINT16', typed: Uint16Array.of(0, 65_535), plain: [0, 65_535] } satisfies Case<'UINT16'>,
  { datatype: 'UINT32', typed: Uint32Array.of(0, 2 ** 32 - 1), plain: [0, 2 ** 32 - 1] } satisfies Case<'UINT32'>,
  {
    datatype: 'UINT64',
    typed: BigUint64Array.of(0n, 2n ** 64n - 1n),
    plain: [0n, 2n ** 64n - 1n],
  } satisfies Case<'UINT64'>,
  { datatype: 'INT8', typed: Int8Array.of(-128, 127), plain: [-128, 127] } satisfies Case<'INT8'>,
  { datatype: 'INT16', typed: Int16Array.of(-32_768, 1), plain: [-32_768, 1] } satisfies Case<'INT16'>,
  { datatype: 'INT32', typed: Int32Array.of(-(2 ** 31), 1), plain: [-(2 ** 31), 1] } satisfies Case<'INT32'>,
  { datatype: 'INT64', typed: BigInt64Array.of(-(2n ** 63n), 1n), plain: [-(2n ** 63n), 1n] } satisfies Case<'INT64'>,
  { datatype: 'FP16', typed: Uint16Array.of(0x3c00, 0xc000), plain: [1, -2] } satisfies Case<'FP16'>,
  { datatype: 'BF16', typed: Uint16Array.of(0x3f80, 0xc000), plain: [1, -2] } satisfies Case<'BF16'>,
  { datatype: 'FP32', typed: Float32Array.of(1.5, -2), plain: [1.5, -2] } satisfies Case<'FP32'>,
  { datatype: 'FP64', typed: Float64Array.of(0.1, -2), plain: [0.1, -2] } satisfies Case<'FP64'>,
] as const;

/** As a received message may hold it. */
function atOffset({ datatype, shape, data }: Tensor, offset: number): Tensor {
  const bytes = new Uint8Array(data.length + offset);
  bytes.set(data, offset);
  return { datatype, shape, data: bytes.subarray(offset) };
}

describe('a tensor of typed values', () => {
  it.each(cases)(
    'of $datatype is the same from its typed array, uncopied, and from a list',
    ({ datatype, typed, plain }) => {
      const fromTyped = tensor('X', datatype, [1, 2], typed);
      expect(fromTyped).toMatchObject({ name: 'X', datatype, shape: [1, 2] });
      expect(fromTyped.data.buffer).toBe(typed.buffer);
      expect(fromTyped.data.byteLength).toBe(typed.byteLength);
      expect(tensor('X', datatype, [1, 2], plain).data).toEqual(fromTyped.data);
    },
  );

  it.each(cases)('of $datatype is read as a view where it is aligned, as a copy where not', ({ datatype, typed }) => {
    const sent = tensor('X', datatype, [2], typed);
    const read = valuesOf(sent, datatype);
    expect(read).toEqual(typed);
    expect(read.buffer).toBe(typed.buffer);
    for (const offset of [1, 2, 3, 4, 7]) expect(valuesOf(atOffset(sent, offset), datatype)).toEqual(typed);
  });

  it('is the part of the memory that its array covers', () => {
    const all = Float32Array.of(9, 1, 2, 9);
    expect(valuesOf(tensor('X', 'FP32', [2], all.subarray(1, 3)), 'FP32')).toEqual(Float32Array.of(1, 2));
    const buffer = Buffer.from([1, 2, 3]);
    expect(tensor('X', 'UINT8', [3], buffer).data).toEqual(Uint8Array.of(1, 2, 3));
    expect(tensor('X', 'UINT8', [2], Uint8ClampedArray.of(7, 8)).data).toEqual(Uint8Array.of(7, 8));
  });

  it('of FP16 and BF16 is made of floats too, and read as floats', () => {
    const floats = Float32Array.of(1, -0.5, 2 ** -24);
    const half = tensor('X', 'FP16', [3], floats);
    expect(valuesOf(half, 'FP16')).toEqual(Uint16Array.of(0x3c00, 0xb800, 1));
    expect(float32Values(half)).toEqual(floats);
    expect(tensor('X', 'FP16', [3], new Float16Array(floats)).data).toEqual(half.data);
    expect(float16Values(half)).toEqual(new Float16Array(floats));
    expect(float32Values(tensor('X', 'BF16', [3], floats))).toEqual(floats);
    expect(float32Values(tensor('X', 'FP32', [3], floats)).buffer).toBe(floats.buffer);
  });

  it('of BYTES is made of texts and of bytes, and read as both', () => {
    const texts = tensor('X', 'BYTES', [2, 2], ['a', '', 'ä€😀', '\uFEFFb']);
    expect(stringValues(texts)).toEqual(['a', '', 'ä€😀', '\uFEFFb']);
    expect(stringValues(atOffset(texts, 3))).toEqual(['a', '', 'ä€😀', '\uFEFFb']);
    const bytes = tensor('X', 'BYTES', [1], [Uint8Array.of(0, 255)]);
    expect(bytes.data).toEqual(Uint8Array.of(2, 0, 0, 0, 0, 255));
    expect(valuesOf(bytes, 'BYTES')).toEqual([Uint8Array.of(0, 255)]);
  });

  it('may be empty, and may be a scalar', () => {
    expect(valuesOf(tensor('X', 'FP32', [0, 4], []), 'FP32')).toHaveLength(0);
    expect(valuesOf(tensor('X', 'BYTES', [0], []), 'BYTES')).toEqual([]);
    expect(valuesOf(tensor('X', 'INT32', [], [7]), 'INT32')).toEqual(Int32Array.of(7));
  });

  it.each<[string, () => unknown, string]>([
    ['too few', () => tensor('X', 'FP32', [2, 2], [1]), "tensor 'X': expected 4 values for FP32 [2,2], got 1"],
    [
      'a shape that is none',
      () => tensor('X', 'FP32', [-1], []),
      "tensor 'X': expected dimensions of at least 0, got [-1]",
    ],
    [
      'an unknown datatype',
      () => tensor('X', 'FLOAT' as 'FP32', [1], [1]),
      "tensor 'X': expected a datatype of the protocol, got 'FLOAT'",
    ],
    [
      'out of range',
      () => tensor('X', 'INT8', [2], [1, 128]),
      "tensor 'X': expected signed integers of 8 bits, got 128 at index 1",
    ],
    [
      'a fraction',
      () => tensor('X', 'UINT32', [1], [0.5]),
      "tensor 'X': expected unsigned integers of 32 bits, got 0.5 at index 0",
    ],
    [
      'a wide integer',
      () => tensor('X', 'INT64', [1], [2n ** 63n]),
      "tensor 'X': expected signed integers of 64 bits, got 9223372036854775808 at index 0",
    ],
    [
      'a number for an INT64',
      () => tensor('X', 'INT64', [1], [1 as unknown as bigint]),
      "tensor 'X': expected bigint values, got number at index 0",
    ],
    [
      'a text for a number',
      () => tensor('X', 'FP32', [1], ['1' as unknown as number]),
      "tensor 'X': expected number values, got string at index 0",
    ],
    [
      'a number for a text',
      () => tensor('X', 'BYTES', [1], [1 as unknown as string]),
      "tensor 'X': expected strings or bytes, got number at index 0",
    ],
    [
      'another typed array',
      () => tensor('X', 'FP32', [1], Int32Array.of(1) as unknown as Float32Array),
      "tensor 'X': expected Float32Array for FP32, got Int32Array",
    ],
  ])('is refused for %s', (_, make, message) => {
    expect(make).toThrow(expect.objectContaining({ name: 'TritonError', code: 'INVALID_ARGUMENT', message }));
  });
});

describe('reading an output', () => {
  it.each<[string, () => unknown, string, string]>([
    [
      'is not there',
      () => valuesOf(undefined, 'FP32'),
      'INVALID_ARGUMENT',
      'expected a tensor of FP32, got none: no such output in the answer',
    ],
    [
      'has another datatype',
      () => valuesOf(tensor('X', 'INT32', [1], [1]), 'FP32'),
      'INVALID_ARGUMENT',
      'expected a tensor of FP32, got INT32',
    ],
    [
      'has no floats',
      () => float32Values(tensor('X', 'FP64', [1], [1])),
      'INVALID_ARGUMENT',
      'expected a tensor of FP32 or FP16 or BF16, got FP64',
    ],
    [
      'has half an element',
      () => valuesOf({ datatype: 'FP32', shape: [1], data: new Uint8Array(3) }, 'FP32'),
      'INTERNAL',
      'expected a multiple of 4 bytes, got 3',
    ],
    [
      'has a text cut off',
      () => stringValues({ datatype: 'BYTES', shape: [1], data: Uint8Array.of(9, 0, 0, 0, 1) }),
      'INTERNAL',
      'element 0: expected 9 bytes, got 1',
    ],
    [
      'has too few texts',
      () => stringValues({ datatype: 'BYTES', shape: [2], data: Uint8Array.of(0, 0, 0, 0) }),
      'INTERNAL',
      'expected 2 elements of BYTES [2], got 1',
    ],
    [
      'has no classes',
      () => classificationsOf(tensor('X', 'BYTES', [1], ['dog'])),
      'INTERNAL',
      "classification: expected score:index, got 'dog'",
    ],
  ])('that %s is refused', (_, read, code, message) => {
    expect(read).toThrow(expect.objectContaining({ name: 'TritonError', code, message }));
  });

  it('gives classes with their labels', () => {
    expect(classificationsOf(tensor('X', 'BYTES', [1, 3], ['0.950000:7:dog: small', '-1e-05:0', '0.1:2:']))).toEqual([
      { score: 0.95, index: 7, label: 'dog: small' },
      { score: -1e-5, index: 0, label: undefined },
      { score: 0.1, index: 2, label: '' },
    ]);
  });
});
