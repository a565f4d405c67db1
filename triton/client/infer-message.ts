import { create } from '@bufbuild/protobuf';
import {
  type ModelInferRequest,
  ModelInferRequestSchema,
  type ModelInferResponse,
} from '../../proto/gen/grpc_service_pb.ts';
import { isFixedDatatype } from '../core/datatype.ts';
import { byteSize, type Tensor } from '../core/tensor.ts';
import type { InferRequest, InferResult } from './triton-client.ts';
import { TritonError } from './triton-error.ts';

/**
 * The request as it travels: tensors as raw bytes, the caller's own arrays until they are encoded.
 * @throws TritonError `INVALID_ARGUMENT` when a tensor does not hold the bytes that its datatype and shape say
 */
export function toInferMessage(request: InferRequest): ModelInferRequest {
  for (const { name, datatype, shape, data } of request.inputs) {
    // The elements of BYTES say their own lengths.
    if (datatype === 'BYTES') continue;
    const expected = byteSize(datatype, shape);
    if (data.byteLength === expected) continue;
    const message = `input '${name}': expected ${expected} bytes for ${datatype} [${shape}], got ${data.byteLength}`;
    throw new TritonError('INVALID_ARGUMENT', message, { model: request.model, requestId: request.id });
  }
  return create(ModelInferRequestSchema, {
    modelName: request.model,
    modelVersion: request.version ?? '',
    id: request.id ?? '',
    inputs: request.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) })),
    outputs: request.outputs?.map(name => ({ name })) ?? [],
    rawInputContents: request.inputs.map(({ data }) => data),
  });
}

/**
 * The answer by output name; a server need not keep the order that was asked for. Tensors are views into the received
 * message, at any alignment.
 * @throws TritonError `INTERNAL` when the answer does not hold what was asked for, or its sizes contradict each other
 */
export function fromInferMessage(response: ModelInferResponse, request: InferRequest): InferResult {
  const fail = (message: string): never => {
    throw new TritonError('INTERNAL', message, { model: request.model, requestId: request.id });
  };
  const outputs = new Map<string, Tensor>();
  for (const [index, { name, datatype, shape: wideShape }] of response.outputs.entries()) {
    const data = response.rawOutputContents[index];
    if (data === undefined) return fail(`output '${name}': expected raw bytes at index ${index}, got none`);
    if (!isFixedDatatype(datatype))
      return fail(`output '${name}': expected a datatype of fixed size, got '${datatype}'`);
    if (outputs.has(name)) return fail(`output '${name}': expected once, got twice`);
    const shape = wideShape.map(Number);
    if (shape.some(size => size < 0)) {
      return fail(`output '${name}': expected dimensions of at least 0, got [${shape}]`);
    }
    const expected = byteSize(datatype, shape);
    if (data.byteLength !== expected) {
      return fail(`output '${name}': expected ${expected} bytes for ${datatype} [${shape}], got ${data.byteLength}`);
    }
    outputs.set(name, { datatype, shape, data });
  }
  for (const name of request.outputs ?? []) {
    if (!outputs.has(name)) return fail(`output '${name}': expected in the answer, got [${[...outputs.keys()]}]`);
  }
  return { model: response.modelName, version: response.modelVersion, outputs };
}
