import type { ModelInferResponse, ModelInferResponse_InferOutputTensor } from '../../../proto/gen/grpc_service_pb.ts';
import { isDatatype } from '../../core/datatype.ts';
import { StatusError } from '../status-error.ts';
import type { HttpReply } from './http-reply.ts';
import type { BinaryOutputs } from './infer-request.ts';
import { jsonString, writeJsonData } from './write-json-data.ts';

/**
 * The answer of `POST …/infer`: JSON, and behind it the binary outputs as they are, in their order. The header that tells the
 * length of the JSON is there when bytes follow it.
 * @throws StatusError for an output that cannot be JSON
 */
export function inferReply(response: ModelInferResponse, isBinary: BinaryOutputs): HttpReply {
  const { id, modelName, modelVersion, outputs, rawOutputContents } = response;
  const behind: Uint8Array[] = [];
  const texts = outputs.map((output, index) => {
    const data = rawOutputContents[index] ?? new Uint8Array();
    const binary = isBinary(output.name);
    if (binary && data.length > 0) behind.push(data);
    return outputText(output, data, binary);
  });
  const members = [
    ...(id === '' ? [] : [`"id":${jsonString(id)}`]),
    `"model_name":${jsonString(modelName)}`,
    `"model_version":${jsonString(modelVersion)}`,
    `"outputs":[${texts.join()}]`,
  ];
  const head = Buffer.from(`{${members.join()}}`, 'latin1');
  if (behind.length === 0) return { status: 200, contentType: 'application/json', body: [head] };
  return {
    status: 200,
    contentType: 'application/octet-stream',
    headers: { 'Inference-Header-Content-Length': String(head.length) },
    body: [head, ...behind],
  };
}

function outputText(
  { name, datatype, shape }: ModelInferResponse_InferOutputTensor,
  data: Uint8Array,
  isBinary: boolean,
): string {
  if (!isDatatype(datatype)) throw new StatusError('INTERNAL', `output '${name}': unknown datatype '${datatype}'`);
  const tensor = `"name":${jsonString(name)},"datatype":"${datatype}","shape":[${shape.join()}]`;
  const content = isBinary
    ? `"parameters":{"binary_data_size":${data.length}}`
    : `"data":${writeJsonData(name, datatype, data)}`;
  return `{${tensor},${content}}`;
}
