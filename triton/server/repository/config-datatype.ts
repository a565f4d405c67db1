import { DataType, DataTypeSchema } from '../../../proto/gen/model_config_pb.ts';
import { isOnnxDatatype, type OnnxDatatype } from '../../onnx-pool/onnx-datatype.ts';

/** The protocol's name of a configuration's data type: TYPE_FP32 is FP32, TYPE_STRING is BYTES. */
export function protocolName(type: DataType): string {
  if (type === DataType.TYPE_STRING) return 'BYTES';
  return DataTypeSchema.value[type]?.name.replace('TYPE_', '') ?? 'INVALID';
}

/** The datatype that a configuration names; undefined for what ONNX Runtime's JavaScript binding has no tensors of: BF16, invalid ones. */
export function toDatatype(type: DataType): OnnxDatatype | undefined {
  const name = protocolName(type);
  return isOnnxDatatype(name) ? name : undefined;
}

/** The other way round. */
export function toDataType(datatype: OnnxDatatype): DataType {
  return dataTypes.find(type => protocolName(type) === datatype) ?? DataType.TYPE_INVALID;
}

const dataTypes: readonly DataType[] = Object.values(DataType);
