import type { InferTensorContents } from '../../../proto/gen/grpc_service_pb.ts';
import { encodeBytesElements } from '../../core/bytes-elements.ts';

type NumberWriter = (view: DataView, offset: number, value: number) => void;
type BigIntWriter = (view: DataView, offset: number, value: bigint) => void;

/** How a value is written for the datatype that a tensor declares; values are cut to the datatype's width, as Triton does. */
const numberWriters: Readonly<Record<string, { readonly size: number; readonly write: NumberWriter }>> = {
  BOOL: { size: 1, write: (view, offset, value) => view.setUint8(offset, value) },
  INT8: { size: 1, write: (view, offset, value) => view.setInt8(offset, value) },
  INT16: { size: 2, write: (view, offset, value) => view.setInt16(offset, value, true) },
  INT32: { size: 4, write: (view, offset, value) => view.setInt32(offset, value, true) },
  UINT8: { size: 1, write: (view, offset, value) => view.setUint8(offset, value) },
  UINT16: { size: 2, write: (view, offset, value) => view.setUint16(offset, value, true) },
  UINT32: { size: 4, write: (view, offset, value) => view.setUint32(offset, value, true) },
  FP32: { size: 4, write: (view, offset, value) => view.setFloat32(offset, value, true) },
  FP64: { size: 8, write: (view, offset, value) => view.setFloat64(offset, value, true) },
};

const bigintWriters: Readonly<Record<string, BigIntWriter>> = {
  INT64: (view, offset, value) => view.setBigInt64(offset, value, true),
  UINT64: (view, offset, value) => view.setBigUint64(offset, value, true),
};

/**
 * Which field of `contents` a datatype's values belong in, and the datatypes a field can hold; the first is what Triton
 * calls values found in it when the tensor declares something else.
 */
const fields = [
  { field: 'boolContents', datatypes: ['BOOL'] },
  { field: 'intContents', datatypes: ['INT32', 'INT16', 'INT8'] },
  { field: 'int64Contents', datatypes: ['INT64'] },
  { field: 'uintContents', datatypes: ['UINT32', 'UINT16', 'UINT8'] },
  { field: 'uint64Contents', datatypes: ['UINT64'] },
  { field: 'fp32Contents', datatypes: ['FP32'] },
  { field: 'fp64Contents', datatypes: ['FP64'] },
  { field: 'bytesContents', datatypes: ['BYTES'] },
] as const satisfies readonly { field: keyof InferTensorContents; datatypes: readonly string[] }[];

export type TypedContents =
  | { readonly data: Uint8Array }
  /** Values of this datatype were found where the tensor declares another. */
  | { readonly found: string };

/** A tensor's typed contents as raw little-endian bytes of the datatype that it declares. Empty contents are no bytes. */
export function typedContents(contents: InferTensorContents, declared: string): TypedContents {
  for (const { field, datatypes } of fields) {
    if (contents[field].length === 0) continue;
    if (!datatypes.some(datatype => datatype === declared)) return { found: datatypes[0] };
  }
  if (declared === 'BYTES') return { data: encodeBytesElements(contents.bytesContents) };
  const wide = declared === 'UINT64' ? contents.uint64Contents : contents.int64Contents;
  const writeWide = bigintWriters[declared];
  if (writeWide !== undefined) return { data: writeAll(wide, 8, writeWide) };
  const writer = numberWriters[declared];
  const field = fields.find(({ datatypes }) => datatypes.some(datatype => datatype === declared))?.field;
  if (writer === undefined || field === undefined) return { data: new Uint8Array() };
  return { data: writeAll(numbersOf(contents, field), writer.size, writer.write) };
}

function numbersOf(contents: InferTensorContents, field: (typeof fields)[number]['field']): readonly number[] {
  if (field === 'boolContents') return contents.boolContents.map(Number);
  if (field === 'intContents' || field === 'uintContents') return contents[field];
  return field === 'fp32Contents' || field === 'fp64Contents' ? contents[field] : [];
}

function writeAll<Value>(
  values: readonly Value[],
  size: number,
  write: (view: DataView, offset: number, value: Value) => void,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (const [index, value] of values.entries()) write(view, index * size, value);
  return new Uint8Array(view.buffer);
}
