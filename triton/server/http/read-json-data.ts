import { encodeBytesElements } from '../../core/bytes-elements.ts';
import { datatypeBytes, type FixedDatatype, isDatatype } from '../../core/datatype.ts';
import { StatusError } from '../status-error.ts';
import { createJsonCursor, type JsonCursor } from './json/json-cursor.ts';
import type { JsonSpan } from './json/parse-json.ts';

/** Takes one element from the cursor and writes it at a byte offset. */
type ElementReader = (cursor: JsonCursor, view: DataView, offset: number) => void;

const readers: Readonly<Partial<Record<FixedDatatype, ElementReader>>> = {
  BOOL: (cursor, view, offset) => view.setUint8(offset, Number(readBoolean(cursor))),
  UINT8: (cursor, view, offset) => view.setUint8(offset, low32(cursor, 'unsigned')),
  UINT16: (cursor, view, offset) => view.setUint16(offset, low32(cursor, 'unsigned'), true),
  UINT32: (cursor, view, offset) => view.setUint32(offset, low32(cursor, 'unsigned'), true),
  UINT64: (cursor, view, offset) => view.setBigUint64(offset, readInteger(cursor, 'unsigned'), true),
  INT8: (cursor, view, offset) => view.setInt8(offset, low32(cursor, 'signed')),
  INT16: (cursor, view, offset) => view.setInt16(offset, low32(cursor, 'signed'), true),
  INT32: (cursor, view, offset) => view.setInt32(offset, low32(cursor, 'signed'), true),
  INT64: (cursor, view, offset) => view.setBigInt64(offset, readInteger(cursor, 'signed'), true),
  FP32: (cursor, view, offset) => view.setFloat32(offset, readNumber(cursor), true),
  FP64: (cursor, view, offset) => view.setFloat64(offset, readNumber(cursor), true),
};

export type JsonTensor = {
  readonly name: string;
  /** As the request declares it; maybe none that exists. */
  readonly datatype: string;
  /** Elements of its shape. Strings are counted by the core's check. */
  readonly count: number;
};

/**
 * A tensor's raw bytes from its `data`, flat or nested in any way, as Triton reads them: integers beyond 64 bits, negative ones for
 * unsigned datatypes and fractions are refused, others are cut to the datatype's width; a float that is too large is infinite.
 * @param span `data` in `bytes`, checked to be JSON
 * @param maxBytes that the tensor may have
 * @throws StatusError
 */
export function readJsonData(bytes: Uint8Array, span: JsonSpan, tensor: JsonTensor, maxBytes: number): Uint8Array {
  const { name, datatype, count } = tensor;
  if (datatype === 'FP16' || datatype === 'BF16') {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `receiving ${datatype} data via JSON is not supported. Please use the binary data format for input ${name}`,
    );
  }
  if (!isDatatype(datatype)) throw new StatusError('INVALID_ARGUMENT', `invalid datatype for input ${name}`);
  const cursor = createJsonCursor(bytes, span.start);
  if (datatype === 'BYTES') return readStrings(cursor);
  const read = readers[datatype];
  // An element and what parts it from the next are two bytes, so what is allocated has a bound in what was sent.
  if (read === undefined || count < 0 || count > span.end - span.start) throw shapeMismatch();
  const size = datatypeBytes[datatype];
  if (count * size > maxBytes) throw tooLarge(name, maxBytes);
  const view = new DataView(new ArrayBuffer(count * size));
  let done = 0;
  forEachElement(cursor, () => {
    if (done === count) throw shapeMismatch();
    read(cursor, view, done * size);
    done += 1;
  });
  if (done < count) throw shapeMismatch();
  return new Uint8Array(view.buffer);
}

function forEachElement(cursor: JsonCursor, visit: () => void): void {
  cursor.array(() => (cursor.isArray() ? forEachElement(cursor, visit) : visit()));
}

function readStrings(cursor: JsonCursor): Uint8Array {
  const strings: Uint8Array[] = [];
  forEachElement(cursor, () => {
    if (!cursor.isString()) {
      throw new StatusError(
        'INTERNAL',
        'Unable to parse JSON bytes array: attempt to access JSON non-string as string',
      );
    }
    strings.push(cursor.stringBytes());
  });
  return encodeBytesElements(strings);
}

function readBoolean(cursor: JsonCursor): boolean {
  return cursor.isBoolean() ? cursor.boolean() : fail('attempt to access JSON non-boolean as boolean');
}

function readNumber(cursor: JsonCursor): number {
  if (!cursor.isNumber()) fail('attempt to access JSON non-number as double');
  cursor.scanNumber();
  return cursor.number();
}

type Signedness = 'signed' | 'unsigned';

function readInteger(cursor: JsonCursor, kind: Signedness): bigint {
  scanInteger(cursor, kind);
  return wideInteger(cursor, kind);
}

/** An integer of which at least the lower 32 bits are right: what the narrow datatypes keep of it. */
function low32(cursor: JsonCursor, kind: Signedness): number {
  scanInteger(cursor, kind);
  const value = cursor.number();
  if (!Number.isSafeInteger(value)) return Number(BigInt.asIntN(32, wideInteger(cursor, kind)));
  return kind === 'signed' || value >= 0 ? value : notAnInteger(kind);
}

function wideInteger(cursor: JsonCursor, kind: Signedness): bigint {
  const value = cursor.integer();
  return (kind === 'signed' ? value < 2n ** 63n : value >= 0n) ? value : notAnInteger(kind);
}

function scanInteger(cursor: JsonCursor, kind: Signedness): void {
  if (!cursor.isNumber() || !cursor.scanNumber()) notAnInteger(kind);
}

function notAnInteger(kind: Signedness): never {
  return fail(`attempt to access JSON non-${kind}-integer as ${kind}-integer`);
}

function shapeMismatch(): StatusError {
  return new StatusError('INTERNAL', "Unable to parse 'data': Shape does not match true shape of 'data' field");
}

function tooLarge(name: string, maxBytes: number): StatusError {
  return new StatusError('RESOURCE_EXHAUSTED', `input '${name}': expected a tensor of at most ${maxBytes} bytes`);
}

function fail(text: string): never {
  throw new StatusError('INTERNAL', `Unable to parse 'data': ${text}`);
}
