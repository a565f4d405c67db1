import { fromBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from '../../../proto/gen/onnx_pb.ts';
import { WeightsError } from '../weights/weights-error.ts';

/**
 * A published ONNX file as a message. What the subset of proto/onnx.proto does not name is kept in its unknown fields
 * and written back. Throws a WeightsError when the bytes are no ONNX model.
 */
export function readOnnxModel(file: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, file);
  } catch (cause) {
    throw new WeightsError('ONNX file: expected a protobuf message of the type ModelProto, got other bytes', { cause });
  }
  if (model.graph === undefined) throw new WeightsError('ONNX file: expected a graph, got none');
  return model;
}
