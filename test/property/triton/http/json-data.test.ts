import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeBytesElements } from '../../../../triton/core/bytes-elements.ts';
import { readJsonData } from '../../../../triton/server/http/read-json-data.ts';
import { writeJsonData } from '../../../../triton/server/http/write-json-data.ts';

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const tensors = {
  BOOL: fc.array(fc.boolean()).map(values => Uint8Array.from(values, Number)),
  UINT8: fc.uint8Array(),
  UINT16: fc.uint16Array(),
  UINT32: fc.uint32Array(),
  UINT64: fc.bigUint64Array(),
  INT8: fc.int8Array(),
  INT16: fc.int16Array(),
  INT32: fc.int32Array(),
  INT64: fc.bigInt64Array(),
  FP32: fc.float32Array(),
  FP64: fc.float64Array(),
} as const;

it.each(Object.entries(tensors))('%s: what is written as JSON is read back bit by bit', (datatype, values) => {
  fc.assert(
    fc.property(values as fc.Arbitrary<ArrayBufferView & { length: number }>, values => {
      const bytes = bytesOf(values);
      const text = writeJsonData('X', datatype as keyof typeof tensors, bytes);
      const span = { start: 0, end: text.length };
      const tensor = { name: 'X', datatype, count: values.length };
      expect(readJsonData(Buffer.from(text, 'latin1'), span, tensor, 1 << 20)).toEqual(bytes);
    }),
  );
});

it('BYTES: strings of any bytes are written as they are and read back', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), elements => {
      const bytes = encodeBytesElements(elements);
      const text = writeJsonData('X', 'BYTES', bytes);
      const tensor = { name: 'X', datatype: 'BYTES', count: elements.length };
      expect(readJsonData(Buffer.from(text, 'latin1'), { start: 0, end: text.length }, tensor, 1 << 20)).toEqual(
        // Not a Buffer.
        new Uint8Array(bytes),
      );
    }),
  );
});
