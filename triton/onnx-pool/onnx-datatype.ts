import type { FixedDatatype } from '../core/datatype.ts';
import type { Tensor } from './job.ts';

type TypedArrayConstructor = {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): Tensor.DataType & ArrayBufferView;
};

/** The datatypes that ONNX Runtime's JavaScript binding has tensors for. */
export type OnnxDatatype = Exclude<FixedDatatype, 'BF16'>;

/** The protocol's datatypes beside ONNX Runtime's type names and the arrays that its JavaScript tensors take. */
const table: Readonly<Record<OnnxDatatype, { readonly onnx: Tensor.Type; readonly array: TypedArrayConstructor }>> = {
  BOOL: { onnx: 'bool', array: Uint8Array },
  UINT8: { onnx: 'uint8', array: Uint8Array },
  INT8: { onnx: 'int8', array: Int8Array },
  UINT16: { onnx: 'uint16', array: Uint16Array },
  INT16: { onnx: 'int16', array: Int16Array },
  // Bit patterns: the runtime takes them whether or not the engine has Float16Array.
  FP16: { onnx: 'float16', array: Uint16Array },
  UINT32: { onnx: 'uint32', array: Uint32Array },
  INT32: { onnx: 'int32', array: Int32Array },
  FP32: { onnx: 'float32', array: Float32Array },
  UINT64: { onnx: 'uint64', array: BigUint64Array },
  INT64: { onnx: 'int64', array: BigInt64Array },
  FP64: { onnx: 'float64', array: Float64Array },
};

export function isOnnxDatatype(name: string): name is OnnxDatatype {
  return Object.hasOwn(table, name);
}

export function onnxType(datatype: OnnxDatatype): Tensor.Type {
  return table[datatype].onnx;
}

/** The protocol's name of an ONNX Runtime type; undefined for those it has none of a fixed size for (strings, 4-bit). */
export function fromOnnxType(type: string): OnnxDatatype | undefined {
  return datatypes.find(datatype => table[datatype].onnx === type);
}

/** A typed view over the first `length` elements of a buffer. */
export function typedView(
  datatype: OnnxDatatype,
  buffer: ArrayBuffer,
  length: number,
): Tensor.DataType & ArrayBufferView {
  const View = table[datatype].array;
  return new View(buffer, 0, length);
}

const datatypes: readonly OnnxDatatype[] = [
  'BOOL',
  'UINT8',
  'INT8',
  'UINT16',
  'INT16',
  'FP16',
  'UINT32',
  'INT32',
  'FP32',
  'UINT64',
  'INT64',
  'FP64',
];
