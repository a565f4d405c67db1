import type { ModelInferRequest } from '../../../proto/gen/grpc_service_pb.ts';
import { isDatatype } from '../../core/datatype.ts';
import { StatusError } from '../status-error.ts';
import { sharedMemoryRegion, unknownRegion } from './shared-memory-parameters.ts';
import { typedContents } from './typed-contents.ts';

/** A datatype as Triton prints it: what is none of the protocol's is `<invalid>`. */
export function datatypeName(declared: string): string {
  return isDatatype(declared) ? declared : '<invalid>';
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
    const region = sharedMemoryRegion(input);
    if (region !== undefined) {
      if (input.contents === undefined) throw unknownRegion(region);
      throw new StatusError(
        'INVALID_ARGUMENT',
        `unexpected 'content' provided when using shared memory for input tensor '${input.name}' for model '${modelName}'`,
      );
    }
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
