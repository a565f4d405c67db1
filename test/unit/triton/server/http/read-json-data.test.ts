import { describe, expect, it } from 'vitest';
import { readJsonData } from '../../../../../triton/server/http/read-json-data.ts';

const read = (text: string, datatype: string, count: number, maxBytes = 1000): number[] => {
  const bytes = Buffer.from(`{"data":${text}}`);
  const span = { start: 8, end: bytes.length - 1 };
  return [...readJsonData(bytes, span, { name: 'X', datatype, count }, maxBytes)];
};

describe('tensors in JSON', () => {
  it('cuts integers to the width of their datatype, as Triton does', () => {
    expect(read('[0,255,256,65537,18446744073709551615]', 'UINT8', 5)).toEqual([0, 255, 0, 1, 255]);
    expect(read('[128,-129,9223372036854775807,-9223372036854775808]', 'INT8', 4)).toEqual([128, 127, 255, 0]);
  });

  it.each([
    ['[9223372036854775808]', 'INT8'],
    ['[9223372036854775808]', 'INT64'],
    ['[18446744073709551616]', 'UINT64'],
    ['[-1]', 'UINT32'],
    ['[-9007199254740993]', 'UINT8'],
  ])('refuses %s for %s', (text, datatype) => {
    expect(() => read(text, datatype, 1)).toThrow(/signed-integer as/);
  });

  it('takes memory by what was sent, whatever the shape says', () => {
    const mismatch = /Shape does not match true shape of 'data' field/;
    expect(() => read('[1]', 'FP64', 2 ** 53)).toThrow(mismatch);
    expect(() => read('[1]', 'FP64', -4)).toThrow(mismatch);
    expect(() => read(JSON.stringify(Array(200).fill(1)), 'FP64', 200)).toThrow(
      /expected a tensor of at most 1000 bytes/,
    );
  });

  it('resolves the escapes of strings, and leaves their other bytes alone', () => {
    const text = Buffer.concat([
      Buffer.from('["\\u00e9\\ud83d\\ude00\\n\\\\u0041'),
      Buffer.from([0xff]),
      Buffer.from('"]'),
    ]);
    const bytes = readJsonData(text, { start: 0, end: text.length }, { name: 'X', datatype: 'BYTES', count: 1 }, 1000);
    expect(Buffer.from(bytes.subarray(4))).toEqual(Buffer.concat([Buffer.from('é😀\n\\u0041'), Buffer.from([0xff])]));
  });
});
