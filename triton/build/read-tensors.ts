import { fromBinary } from '@bufbuild/protobuf';
import {
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
} from '../../proto/gen/onnx_pb.ts';
import type { FixedDatatype } from '../core/datatype.ts';

/** A graph's input or output. `shape` holds the batch dimension; -1 for what is free. */
export type GraphTensor = {
  readonly name: string;
  readonly datatype: FixedDatatype;
  readonly shape: readonly number[];
};

const datatypes: ReadonlyMap<number, FixedDatatype> = new Map([
  [TensorProto_DataType.BOOL, 'BOOL'],
  [TensorProto_DataType.UINT8, 'UINT8'],
  [TensorProto_DataType.INT8, 'INT8'],
  [TensorProto_DataType.UINT16, 'UINT16'],
  [TensorProto_DataType.INT16, 'INT16'],
  [TensorProto_DataType.FLOAT16, 'FP16'],
  [TensorProto_DataType.UINT32, 'UINT32'],
  [TensorProto_DataType.INT32, 'INT32'],
  [TensorProto_DataType.FLOAT, 'FP32'],
  [TensorProto_DataType.UINT64, 'UINT64'],
  [TensorProto_DataType.INT64, 'INT64'],
  [TensorProto_DataType.DOUBLE, 'FP64'],
]);

/**
 * Inputs and outputs of an ONNX file, from the file itself: the card and config.pbtxt cannot say otherwise.
 * Throws when an element type is not known here, and when the bytes are no ONNX model.
 */
export function readTensors(onnx: Uint8Array): GraphTensors {
  return tensorsOf(fromBinary(ModelProtoSchema, onnx));
}

export type GraphTensors = { inputs: GraphTensor[]; outputs: GraphTensor[] };

/** The same of a file that has been parsed. */
export function tensorsOf({ graph }: ModelProto): GraphTensors {
  if (graph === undefined) throw new Error('ONNX model: expected a graph, got none');
  // Files of older exporters list their initialisers among the inputs.
  const constants = new Set(graph.initializer.map(tensor => tensor.name));
  return {
    inputs: graph.input.filter(input => !constants.has(input.name)).map(toTensor),
    outputs: graph.output.map(toTensor),
  };
}

function toTensor(info: ValueInfoProto): GraphTensor {
  const type = info.type?.value;
  if (type?.case !== 'tensorType') throw new Error(`tensor '${info.name}': expected a tensor type`);
  const datatype = datatypes.get(type.value.elemType);
  if (datatype === undefined) {
    throw new Error(`tensor '${info.name}': expected a known element type, got ${type.value.elemType}`);
  }
  const shape = (type.value.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : -1,
  );
  return { name: info.name, datatype, shape };
}
