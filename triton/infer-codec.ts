import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type ModelInferRequest,
  type ModelInferRequest_InferInputTensor,
  ModelInferRequestSchema,
  type ModelInferResponse,
  ModelInferResponseSchema,
} from '../proto/gen/grpc_service_pb.ts';

// ModelInfer's two messages as they nearly always are, with tensors in raw bytes and no parameters, read and written field by field. Whatever else
// is in one leaves it to protobuf-es, whose general way takes several times as long.

/** @throws Error where the bytes are no such message */
export function decodeInferRequest(bytes: Uint8Array): ModelInferRequest {
  return readPlainRequest(bytes) ?? fromBinary(ModelInferRequestSchema, bytes);
}

/** Without the raw contents. */
export function encodeInferResponseHead(response: ModelInferResponse): Uint8Array {
  return isPlain(response)
    ? writePlainResponse(response)
    : toBinary(ModelInferResponseSchema, { ...response, rawOutputContents: [] });
}

const tagOf = (field: number, wireType: WireType): number => (field << 3) | wireType;
const bytesTag = (field: number): number => tagOf(field, WireType.LengthDelimited);
const [tag1, tag2, tag3, tag5, tag6, tag7] = [1, 2, 3, 5, 6, 7].map(bytesTag);

/** Null for a message of other fields, or of fields in another form. */
function readPlainRequest(bytes: Uint8Array): ModelInferRequest | null {
  const reader = new BinaryReader(bytes);
  const request: ModelInferRequest = {
    $typeName: 'inference.ModelInferRequest',
    modelName: '',
    modelVersion: '',
    id: '',
    parameters: {},
    inputs: [],
    outputs: [],
    rawInputContents: [],
  };
  while (reader.pos < reader.len) {
    switch (reader.uint32()) {
      case tag1:
        request.modelName = reader.string(true);
        break;
      case tag2:
        request.modelVersion = reader.string(true);
        break;
      case tag3:
        request.id = reader.string(true);
        break;
      case tag5: {
        const input = readPlainInput(reader);
        if (input === null) return null;
        request.inputs.push(input);
        break;
      }
      case tag6: {
        const name = readPlainOutput(reader);
        if (name === null) return null;
        request.outputs.push({
          $typeName: 'inference.ModelInferRequest.InferRequestedOutputTensor',
          name,
          parameters: {},
        });
        break;
      }
      case tag7:
        request.rawInputContents.push(reader.bytes());
        break;
      default:
        return null;
    }
  }
  return request;
}

function readPlainInput(reader: BinaryReader): ModelInferRequest_InferInputTensor | null {
  const input: ModelInferRequest_InferInputTensor = {
    $typeName: 'inference.ModelInferRequest.InferInputTensor',
    name: '',
    datatype: '',
    shape: [],
    parameters: {},
  };
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) {
    switch (reader.uint32()) {
      case tag1:
        input.name = reader.string(true);
        break;
      case tag2:
        input.datatype = reader.string(true);
        break;
      case tag3: {
        const last = reader.uint32() + reader.pos;
        // The protocol's int64 are bigints, unless told otherwise.
        while (reader.pos < last) input.shape.push(BigInt(reader.int64()));
        break;
      }
      default:
        return null;
    }
  }
  return reader.pos === end ? input : null;
}

function readPlainOutput(reader: BinaryReader): string | null {
  const end = reader.uint32() + reader.pos;
  let name = '';
  while (reader.pos < end) {
    if (reader.uint32() !== tag1) return null;
    name = reader.string(true);
  }
  return reader.pos === end ? name : null;
}

function isPlain({ parameters, outputs }: ModelInferResponse): boolean {
  return isEmpty(parameters) && outputs.every(output => output.contents === undefined && isEmpty(output.parameters));
}

function isEmpty(parameters: object): boolean {
  for (const _ in parameters) return false;
  return true;
}

function writePlainResponse({ modelName, modelVersion, id, outputs }: ModelInferResponse): Uint8Array {
  const writer = new BinaryWriter();
  writeText(writer, 1, modelName);
  writeText(writer, 2, modelVersion);
  writeText(writer, 3, id);
  for (const { name, datatype, shape } of outputs) {
    writer.tag(5, WireType.LengthDelimited).fork();
    writeText(writer, 1, name);
    writeText(writer, 2, datatype);
    if (shape.length > 0) {
      writer.tag(3, WireType.LengthDelimited).fork();
      for (const size of shape) writer.int64(size);
      writer.join();
    }
    writer.join();
  }
  return writer.finish();
}

/** What is empty is not written. */
function writeText(writer: BinaryWriter, field: number, text: string): void {
  if (text !== '') writer.tag(field, WireType.LengthDelimited).string(text);
}
