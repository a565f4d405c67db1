import { describe, expect, it } from 'vitest';
import { decodeBytesElements } from '../../../../../triton/core/bytes-elements.ts';
import { classify } from '../../../../../triton/server/infer/classify.ts';
import type { OutputTensor } from '../../../../../triton/server/infer/served-model.ts';

const tensor = (values: readonly number[], shape: readonly number[] = [1, values.length]): OutputTensor => ({
  name: 'OUT',
  datatype: 'FP32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
});
const texts = ({ data }: OutputTensor): string[] =>
  decodeBytesElements(data).map(element => new TextDecoder().decode(element));

// What a real Triton answers too is asked of both servers by test/contract/triton/classification-contract.ts.
describe('classes', () => {
  it('of equal values keep their order, and NaN comes last', () => {
    const values = [2, Number.NaN, 3, 2, Number.NaN, 3, 2, ...Array.from({ length: 20 }, () => 1)];
    const indexes = texts(classify(tensor(values), values.length, [], true)).map(text => Number(text.split(':')[1]));
    expect(indexes).toEqual([2, 5, 0, 3, 6, ...Array.from({ length: 20 }, (_, index) => 7 + index), 1, 4]);
  });

  it('of a row are those of all its dimensions together', () => {
    const found = classify(tensor([1, 2, 3, 4, 8, 7, 6, 5], [2, 2, 2]), 1, ['a', 'b', 'c', 'd'], true);
    expect(found).toMatchObject({ name: 'OUT', datatype: 'BYTES', shape: [2, 1] });
    expect(texts(found)).toEqual(['4.000000:3:d', '8.000000:0:a']);
  });

  it('are found in bytes at any alignment', () => {
    const bytes = new Uint8Array(9);
    bytes.set(tensor([1, 2]).data, 1);
    expect(texts(classify({ ...tensor([1, 2]), data: bytes.subarray(1) }, 1, [], true))).toEqual(['2.000000:1']);
  });

  it('of strings are refused: a real Triton ends when it is asked for them', () => {
    expect(() => classify({ ...tensor([]), datatype: 'BYTES' }, 1, [], true)).toThrow(
      "class result not available for output due to unsupported type 'BYTES'",
    );
  });
});
