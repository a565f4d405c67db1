import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ModelInferRequest,
  ModelInferRequestSchema,
  type ModelInferResponse,
} from '../../proto/gen/grpc_service_pb.ts';
import { isDatatype } from '../core/datatype.ts';
import { byteSize } from '../core/tensor.ts';
import { fromInferParameters, type Parameters, toInferParameters } from './parameters.ts';
import type {
  InferRequest,
  InferResult,
  NamedTensor,
  OutputTensor,
  RequestedOutput,
  SharedMemoryRange,
} from './triton-client.ts';
import { TritonError, type TritonErrorCode } from './triton-error.ts';

/**
 * The request as it travels: tensors as raw bytes, the caller's own arrays until they are encoded.
 * @throws TritonError `INVALID_ARGUMENT` when a tensor does not hold the bytes that its datatype and shape say, or a parameter
 * cannot be sent
 */
export function toInferMessage(request: InferRequest): ModelInferRequest {
  for (const input of request.inputs) checkBytes(input, request);
  const { model, version = '', id = '', inputs, outputs = [] } = request;
  try {
    return create(ModelInferRequestSchema, {
      modelName: model,
      modelVersion: version,
      id,
      parameters: toInferParameters(requestParameters(request)),
      inputs: inputs.map(toInput),
      outputs: outputs.map(toOutput),
      // Raw contents belong to the inputs that have some, in their order.
      rawInputContents: inputs.filter(input => input.sharedMemory === undefined).map(({ data }) => data),
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw errorOf('INVALID_ARGUMENT', message, request, cause);
  }
}

/**
 * The answer by output name; a server need not keep the order that was asked for. Tensors are views into the received
 * message, at any alignment.
 * @throws TritonError `INTERNAL` when the answer does not hold what was asked for, or its sizes contradict each other
 */
export function fromInferMessage(response: ModelInferResponse, request: InferRequest): InferResult {
  const fail = (message: string): never => {
    throw errorOf('INTERNAL', message, request);
  };
  const outputs = new Map<string, OutputTensor>();
  for (const [index, { name, datatype, shape: wideShape }] of response.outputs.entries()) {
    if (!isDatatype(datatype)) return fail(`output '${name}': expected a datatype of the protocol, got '${datatype}'`);
    if (outputs.has(name)) return fail(`output '${name}': expected once, got twice`);
    const shape = wideShape.map(Number);
    if (shape.some(size => size < 0)) {
      return fail(`output '${name}': expected dimensions of at least 0, got [${shape}]`);
    }
    const data = response.rawOutputContents[index];
    if (data === undefined) return fail(`output '${name}': expected raw bytes at index ${index}, got none`);
    // Triton does not repeat where it put an output; its raw bytes are empty then.
    const sharedMemory = data.byteLength === 0 ? sharedMemoryOf(name, request) : undefined;
    if (sharedMemory === undefined && datatype !== 'BYTES' && data.byteLength !== byteSize(datatype, shape)) {
      const expected = byteSize(datatype, shape);
      return fail(`output '${name}': expected ${expected} bytes for ${datatype} [${shape}], got ${data.byteLength}`);
    }
    outputs.set(name, { datatype, shape, data, ...(sharedMemory !== undefined && { sharedMemory }) });
  }
  const { modelName, modelVersion, id, parameters } = response;
  return { model: modelName, version: modelVersion, id, parameters: fromInferParameters(parameters), outputs };
}

/** @throws TritonError `INTERNAL` when the answer lacks an output that was asked for */
export function expectOutputs({ outputs }: InferResult, request: InferRequest): void {
  for (const output of request.outputs ?? []) {
    const name = nameOf(output);
    if (outputs.has(name)) continue;
    throw errorOf('INTERNAL', `output '${name}': expected in the answer, got [${[...outputs.keys()]}]`, request);
  }
}

export function nameOf(output: string | RequestedOutput): string {
  return typeof output === 'string' ? output : output.name;
}

export function errorOf(code: TritonErrorCode, message: string, request: InferRequest, cause?: unknown): TritonError {
  return new TritonError(code, message, { model: request.model, requestId: request.id, cause });
}

function checkBytes({ name, datatype, shape, data, sharedMemory }: NamedTensor, request: InferRequest): void {
  // The elements of BYTES say their own lengths.
  const expected = sharedMemory !== undefined ? 0 : datatype === 'BYTES' ? undefined : byteSize(datatype, shape);
  if (expected === undefined || data.byteLength === expected) return;
  const what = sharedMemory === undefined ? `${datatype} [${shape}]` : 'a tensor in shared memory';
  const message = `input '${name}': expected ${expected} bytes for ${what}, got ${data.byteLength}`;
  throw errorOf('INVALID_ARGUMENT', message, request);
}

function requestParameters({ priority, timeoutMicroseconds, sequence, parameters }: InferRequest): Parameters {
  return {
    ...(priority !== undefined && { priority }),
    ...(timeoutMicroseconds !== undefined && { timeout: timeoutMicroseconds }),
    ...(sequence !== undefined && {
      sequence_id: sequence.id,
      sequence_start: sequence.start ?? false,
      sequence_end: sequence.end ?? false,
    }),
    ...parameters,
  };
}

type MessageInit = MessageInitShape<typeof ModelInferRequestSchema>;

function toInput({
  name,
  datatype,
  shape,
  parameters,
  sharedMemory,
}: NamedTensor): NonNullable<MessageInit['inputs']>[number] {
  const input = { name, datatype, shape: shape.map(BigInt) };
  if (parameters === undefined && sharedMemory === undefined) return input;
  return { ...input, parameters: toInferParameters({ ...sharedMemoryParameters(sharedMemory), ...parameters }) };
}

function toOutput(output: string | RequestedOutput): NonNullable<MessageInit['outputs']>[number] {
  if (typeof output === 'string') return { name: output };
  const { name, classes, sharedMemory, parameters } = output;
  const all = {
    ...(classes !== undefined && { classification: classes }),
    ...sharedMemoryParameters(sharedMemory),
    ...parameters,
  };
  return { name, parameters: toInferParameters(all) };
}

/** Source: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_shared_memory.md */
function sharedMemoryParameters(range: SharedMemoryRange | undefined): Parameters {
  if (range === undefined) return {};
  return {
    shared_memory_region: range.region,
    shared_memory_byte_size: range.byteSize,
    ...(range.offset !== undefined && { shared_memory_offset: range.offset }),
  };
}

function sharedMemoryOf(name: string, { outputs = [] }: InferRequest): SharedMemoryRange | undefined {
  for (const output of outputs) {
    if (typeof output !== 'string' && output.name === name) return output.sharedMemory;
  }
  return undefined;
}
