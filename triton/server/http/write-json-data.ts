import { decodeBytesElements } from '../../core/bytes-elements.ts';
import { type Datatype, datatypeBytes, type FixedDatatype } from '../../core/datatype.ts';
import { StatusError } from '../status-error.ts';

type ElementWriter = (view: DataView, offset: number) => string;

const integer = (value: number | bigint): string => value.toString();

const writers: Readonly<Partial<Record<FixedDatatype, ElementWriter>>> = {
  BOOL: (view, offset) => (view.getUint8(offset) === 0 ? 'false' : 'true'),
  UINT8: (view, offset) => integer(view.getUint8(offset)),
  UINT16: (view, offset) => integer(view.getUint16(offset, true)),
  UINT32: (view, offset) => integer(view.getUint32(offset, true)),
  UINT64: (view, offset) => integer(view.getBigUint64(offset, true)),
  INT8: (view, offset) => integer(view.getInt8(offset)),
  INT16: (view, offset) => integer(view.getInt16(offset, true)),
  INT32: (view, offset) => integer(view.getInt32(offset, true)),
  INT64: (view, offset) => integer(view.getBigInt64(offset, true)),
  FP32: (view, offset) => double(view.getFloat32(offset, true)),
  FP64: (view, offset) => double(view.getFloat64(offset, true)),
};

/**
 * A tensor as a flat JSON array, in Latin-1: each character is a byte of the answer, so that strings leave as the bytes that they
 * are. NaN and infinities are written as Triton writes them, which is no JSON but what its clients read.
 * @throws StatusError for FP16 and BF16, which Triton sends as binary data only, and for BYTES that are none
 */
export function writeJsonData(name: string, datatype: Datatype, data: Uint8Array): string {
  if (datatype === 'BYTES') return `[${elementsOf(name, data).map(latin1JsonString).join()}]`;
  const write = writers[datatype];
  if (write === undefined) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `sending ${datatype} data via JSON is not supported. Please use the binary data format for output`,
    );
  }
  const size = datatypeBytes[datatype];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return `[${Array.from({ length: data.byteLength / size }, (_, index) => write(view, index * size)).join()}]`;
}

/** A text as a JSON string in Latin-1, each character a byte of its UTF-8. */
export function jsonString(text: string): string {
  return latin1JsonString(Buffer.from(text, 'utf8'));
}

function latin1JsonString(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
}

/** As rapidjson writes it: 1.0, -0.0, 1e21. */
function double(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value).replace('e+', 'e');
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

function elementsOf(name: string, data: Uint8Array): Uint8Array[] {
  try {
    return decodeBytesElements(data);
  } catch (cause) {
    throw new StatusError('INTERNAL', `output tensor shape does not match size of output for '${name}'`, { cause });
  }
}
