import { describe, expect, it } from 'vitest';
import { encodeBytesElements } from '../../../triton/core/bytes-elements.ts';
import { isDatatype } from '../../../triton/core/datatype.ts';
import type { InferInit } from './observed-refusals.ts';
import type { RawWire } from './raw-wire.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const strings = (...texts: string[]): Uint8Array =>
  encodeBytesElements(texts.map(text => new TextEncoder().encode(text)));
const bytesContents = (...texts: string[]) => ({
  contents: { bytesContents: texts.map(text => new TextEncoder().encode(text)) },
});

/** Two elements of each datatype: the largest and smallest, or what is easily mangled. Bytes as they travel. */
const pairs: Readonly<Record<string, Uint8Array>> = {
  BOOL: hex('01 00'),
  UINT8: hex('ff 00'),
  INT8: hex('7f 80'),
  UINT16: hex('ffff 0100'),
  INT16: hex('ff7f 0080'),
  // 1 and a NaN with a payload.
  FP16: hex('003c 017e'),
  UINT32: hex('ffffffff 01000000'),
  INT32: hex('ffffff7f 00000080'),
  FP32: hex('0000803f 0000c0ff'),
  UINT64: hex('ffffffffffffffff 0100000000000000'),
  INT64: hex('ffffffffffffff7f 0000000000000080'),
  FP64: hex('000000000000f03f 000000000000f8ff'),
  // A byte order mark, two bytes, four bytes, nothing.
  BYTES: strings('\ufeffgrüß 😀', ''),
};

const typed: readonly (readonly [datatype: string, contents: object])[] = [
  ['BOOL', { boolContents: [true, false] }],
  ['UINT8', { uintContents: [255, 0] }],
  ['INT8', { intContents: [127, -128] }],
  ['UINT16', { uintContents: [65535, 1] }],
  ['INT16', { intContents: [32767, -32768] }],
  ['UINT32', { uintContents: [4294967295, 1] }],
  ['INT32', { intContents: [2147483647, -2147483648] }],
  ['UINT64', { uint64Contents: [2n ** 64n - 1n, 1n] }],
  ['INT64', { int64Contents: [2n ** 63n - 1n, -(2n ** 63n)] }],
  ['FP32', { fp32Contents: [1, -1.5] }],
  ['FP64', { fp64Contents: [1, -1.5] }],
];

function identity(datatype: string, shape: readonly number[], data?: Uint8Array, contents: object = {}): InferInit {
  return {
    modelName: `id_${datatype}`,
    inputs: [{ name: 'IN', datatype, shape: shape.map(BigInt), ...contents }],
    rawInputContents: data === undefined ? [] : [data],
  };
}

/** Every datatype through a model that gives back what it gets. */
export function describeDatatypes(wire: () => RawWire): void {
  describe('of datatypes', () => {
    it.each(Object.entries(pairs))('gives %s back as it came', async (datatype, data) => {
      expect(isDatatype(datatype)).toBe(true);
      const answer = await wire().infer(identity(datatype, [1, 2], data));
      expect(answer.outputs).toMatchObject([{ name: 'OUT', datatype, shape: [1n, 2n] }]);
      expect(answer.rawOutputContents).toEqual([data]);
    });

    it.each(typed)('takes %s in its typed contents, and answers raw', async (datatype, contents) => {
      const answer = await wire().infer(identity(datatype, [1, 2], undefined, { contents }));
      const nonNan = datatype === 'FP32' ? hex('0000803f 0000c0bf') : hex('000000000000f03f 000000000000f8bf');
      const expected = datatype.startsWith('FP') ? nonNan : pairs[datatype];
      expect(answer.rawOutputContents).toEqual([expected]);
    });

    it.each(Object.keys(pairs))('gives %s back where a shape holds nothing', async datatype => {
      const answer = await wire().infer(identity(datatype, [2, 0], new Uint8Array()));
      expect(answer.outputs).toMatchObject([{ name: 'OUT', datatype, shape: [2n, 0n] }]);
      expect(answer.rawOutputContents).toEqual([new Uint8Array()]);
    });

    it('takes strings in bytes_contents, also where the model does not batch', async () => {
      const [input] = identity('BYTES', [2], undefined, bytesContents('abc', '')).inputs ?? [];
      const answer = await wire().infer({ modelName: 'strings', inputs: input === undefined ? [] : [input] });
      expect(answer.outputs).toMatchObject([{ datatype: 'BYTES', shape: [2n] }]);
      expect(answer.rawOutputContents).toEqual([strings('abc', '')]);
    });

    it('gives each of many requests at once its own strings, whatever their lengths', async () => {
      const requests = Array.from({ length: 40 }, (_, index) => {
        const rows = 1 + (index % 4);
        const texts = Array.from(
          { length: rows * 2 },
          (_, place) => `${index}/${place}/${'ü'.repeat((index * 7) % 13)}`,
        );
        return { rows, data: strings(...texts) };
      });
      const answers = await Promise.all(
        requests.map(({ rows, data }) => wire().infer(identity('BYTES', [rows, 2], data))),
      );
      expect(answers.map(({ rawOutputContents }) => rawOutputContents)).toEqual(requests.map(({ data }) => [data]));
      expect(answers.map(({ outputs }) => outputs[0]?.shape)).toEqual(requests.map(({ rows }) => [BigInt(rows), 2n]));
    });

    it.each(wrongStrings())('refuses strings: %s', async (_, request, message) => {
      await expect(wire().infer(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
    });
  });
}

/** Texts of a real Triton 2.51. */
function wrongStrings(): [name: string, request: InferInit, text: string][] {
  const id = '[request id: <id_unknown>]';
  const input = "for inference input 'IN' for model 'id_BYTES'";
  const abc = strings('abc');
  const expected = (count: number, got: number) => `${id} expected ${count} string elements ${input}, got ${got}`;
  const unexpected = (count: number, asked: number) =>
    `${id} unexpected number of string elements ${count} ${input}, expecting ${asked}`;
  const cut = (length: number, rest: number) =>
    `incomplete string data for inference input 'IN', expecting string of length ${length} but only ${rest} bytes available`;
  const halfLength = `${id} incomplete string length indicator ${input}, expecting 4 bytes but only 2 bytes available. Please make sure the string length indicator is in one buffer.`;
  return [
    ['fewer than the shape says', identity('BYTES', [1, 3], strings('abc', 'd')), expected(3, 2)],
    ['none', identity('BYTES', [1, 1], new Uint8Array()), expected(1, 0)],
    ['fewer than all rows', identity('BYTES', [2, 2], strings('a', 'b', 'c')), expected(4, 3)],
    ['an empty batch', identity('BYTES', [0, 2], new Uint8Array()), expected(2, 0)],
    ['a negative batch', identity('BYTES', [-1, 2], strings('a', 'b')), expected(8589934590, 2)],
    ['fewer in typed contents', identity('BYTES', [1, 2], undefined, bytesContents('a')), expected(2, 1)],
    ['no typed contents', identity('BYTES', [1, 1], undefined, { contents: {} }), expected(1, 0)],
    ['more than the shape says', identity('BYTES', [1, 1], strings('a', 'b', 'c')), unexpected(2, 1)],
    ['more in typed contents', identity('BYTES', [1, 1], undefined, bytesContents('a', 'b')), unexpected(2, 1)],
    ['some for a shape that holds none', identity('BYTES', [1, 0], abc), unexpected(1, 0)],
    ['a negative dimension', identity('BYTES', [1, -3], abc), unexpected(1, -3)],
    ['one too many, which is cut short', identity('BYTES', [1, 1], hex('0100000061 0500000062')), unexpected(2, 1)],
    ['one cut short', identity('BYTES', [1, 1], hex('05000000 616263')), cut(5, 3)],
    ['the second cut short', identity('BYTES', [1, 2], hex('0100000061 05000000 6162')), cut(5, 2)],
    ['a length of 4 GiB', identity('BYTES', [1, 1], hex('ffffffff 61')), cut(4294967295, 1)],
    ['half a length', identity('BYTES', [1, 2], hex('03000000616263 0500')), halfLength],
    ['half a length too many', identity('BYTES', [1, 1], hex('03000000616263 0500')), halfLength],
    [
      'numbers in their typed contents',
      identity('BYTES', [1, 1], undefined, { contents: { intContents: [1] } }),
      "unexpected explicit tensor data for input tensor 'IN' for model 'id_BYTES' of type 'INT32', expected datatype 'BYTES'",
    ],
  ];
}
