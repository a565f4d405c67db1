import { decodeBytesElements, encodeBytesElements } from '../core/bytes-elements.ts';
import type { Datatype } from '../core/datatype.ts';
import type { Tensor } from './job.ts';

type TypedArrayConstructor = {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): Tensor.DataType & ArrayBufferView;
};

/** The datatypes that ONNX Runtime's JavaScript binding has tensors for. */
export type OnnxDatatype = Exclude<Datatype, 'BF16'>;

/** The protocol's datatypes beside ONNX Runtime's type names and the arrays that its JavaScript tensors take. */
const table: Readonly<
  Record<OnnxDatatype, { readonly onnx: Tensor.Type; readonly array: TypedArrayConstructor | null }>
> = {
  BOOL: { onnx: 'bool', array: Uint8Array },
  UINT8: { onnx: 'uint8', array: Uint8Array },
  INT8: { onnx: 'int8', array: Int8Array },
  UINT16: { onnx: 'uint16', array: Uint16Array },
  INT16: { onnx: 'int16', array: Int16Array },
  // Bit patterns: `onnx-worker.ts` hides the engine's Float16Array from the runtime.
  FP16: { onnx: 'float16', array: Uint16Array },
  UINT32: { onnx: 'uint32', array: Uint32Array },
  INT32: { onnx: 'int32', array: Int32Array },
  FP32: { onnx: 'float32', array: Float32Array },
  UINT64: { onnx: 'uint64', array: BigUint64Array },
  INT64: { onnx: 'int64', array: BigInt64Array },
  FP64: { onnx: 'float64', array: Float64Array },
  // JavaScript's own strings.
  BYTES: { onnx: 'string', array: null },
};

const datatypes: readonly OnnxDatatype[] = Object.keys(table).filter(isOnnxDatatype);

export function isOnnxDatatype(name: string): name is OnnxDatatype {
  return Object.hasOwn(table, name);
}

export function onnxType(datatype: OnnxDatatype): Tensor.Type {
  return table[datatype].onnx;
}

/** The protocol's name of an ONNX Runtime type; undefined for those that the protocol or the binding has none for (bfloat16, 4-bit). */
export function fromOnnxType(type: string): OnnxDatatype | undefined {
  return datatypes.find(datatype => table[datatype].onnx === type);
}

/**
 * The first `count` elements of raw bytes (`core/tensor.ts`) as the runtime takes them: a view of the buffer, for BYTES an
 * array of strings. The buffer may be longer than the tensor.
 */
export function toOnnxData(datatype: OnnxDatatype, bytes: Uint8Array<ArrayBuffer>, count: number): Tensor.DataType {
  const View = table[datatype].array;
  if (View !== null) return new View(bytes.buffer, bytes.byteOffset, count);
  return decodeBytesElements(bytes).map(element => utf8.decode(element));
}

/** An output's raw bytes: a view of the runtime's own, for strings a new array. @throws Error for what cannot change threads */
export function fromOnnxData(data: Tensor.DataType): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(data)) return encodeBytesElements(data.map(text => encoder.encode(text)));
  const { buffer, byteOffset, byteLength } = data;
  if (!(buffer instanceof ArrayBuffer)) throw new Error('expected memory that can change threads');
  return new Uint8Array(buffer, byteOffset, byteLength);
}

// A byte order mark is part of the text.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
