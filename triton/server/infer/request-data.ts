import type { ModelInferRequest, ModelInferRequest_InferInputTensor } from '../../../proto/gen/grpc_service_pb.ts';
import { StatusError } from '../status-error.ts';
import { typedContents } from './typed-contents.ts';

/** The datatypes of the protocol. Triton prints any other word as `<invalid>`. */
const datatypeNames = new Set(
  'BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FP16 FP32 FP64 BYTES BF16'.split(' '),
);

export function datatypeName(declared: string): string {
  return datatypeNames.has(declared) ? declared : '<invalid>';
}

/**
 * Every input's bytes, in the request's order: from `raw_input_contents` at the same index, or from its typed contents.
 * Raw buffers beyond the inputs are ignored, as Triton does.
 * @throws StatusError for an input with both, with neither, with values of another type than it declares, or one that refers
 * to shared memory, of which the embedded server has none
 */
export function requestData(request: ModelInferRequest): Uint8Array[] {
  const { rawInputContents, modelName } = request;
  return request.inputs.map((input, index) => {
    refuseSharedMemory(input);
    const raw = rawInputContents[index];
    if (input.contents === undefined) {
      if (raw !== undefined) return raw;
      throw new StatusError(
        'INVALID_ARGUMENT',
        `unable to find data for input tensor '${input.name}' for model '${modelName}' in request.`,
      );
    }
    if (rawInputContents.length > 0) {
      throw new StatusError(
        'INVALID_ARGUMENT',
        `contents field must not be specified when using raw_input_contents for '${input.name}' for model '${modelName}'`,
      );
    }
    const declared = datatypeName(input.datatype);
    const contents = typedContents(input.contents, declared);
    if ('data' in contents) return contents.data;
    throw new StatusError(
      'INVALID_ARGUMENT',
      `unexpected explicit tensor data for input tensor '${input.name}' for model '${modelName}' of type '${contents.found}', expected datatype '${declared}'`,
    );
  });
}

function refuseSharedMemory({ name, parameters }: ModelInferRequest_InferInputTensor): void {
  const region = parameters.shared_memory_region?.parameterChoice;
  if (region === undefined) return;
  if (parameters.shared_memory_byte_size === undefined) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `'shared_memory_byte_size' must be specified along with 'shared_memory_region' parameter for tensor '${name}'`,
    );
  }
  const regionName = region.case === 'stringParam' ? region.value : '';
  throw new StatusError('NOT_FOUND', `Unable to find shared memory region: '${regionName}'`);
}
