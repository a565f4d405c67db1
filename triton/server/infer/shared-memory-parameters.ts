import type { InferParameter } from '../../../proto/gen/grpc_service_pb.ts';
import { StatusError } from '../status-error.ts';

/** An input or a requested output. */
export type WithParameters = { readonly name: string; readonly parameters: Readonly<Record<string, InferParameter>> };

/**
 * The shared memory region that a tensor's parameters name; undefined when they name none.
 * @throws StatusError `INVALID_ARGUMENT` for parameters of the wrong kind and for a region without its size, or the other way round
 */
export function sharedMemoryRegion({ name, parameters }: WithParameters): string | undefined {
  const region = parameters.shared_memory_region?.parameterChoice;
  const invalid = (text: string) => new StatusError('INVALID_ARGUMENT', text);
  const ofTensor = `parameter for tensor '${name}'`;
  if (region !== undefined && region.case !== 'stringParam') {
    throw invalid(`invalid value type for 'shared_memory_region' ${ofTensor}, expected string_param.`);
  }
  for (const key of ['shared_memory_offset', 'shared_memory_byte_size']) {
    const parameter = parameters[key];
    if (parameter === undefined) continue;
    if (region === undefined) {
      throw invalid(`'${key}' can not be specified without 'shared_memory_region' ${ofTensor}`);
    }
    if (parameter.parameterChoice.case !== 'int64Param') {
      throw invalid(`invalid value type for '${key}' ${ofTensor}, expected int64_param.`);
    }
  }
  if (region !== undefined && parameters.shared_memory_byte_size === undefined) {
    throw invalid(`'shared_memory_byte_size' must be specified along with 'shared_memory_region' ${ofTensor}`);
  }
  return region?.value;
}

/** What is said of any region: the embedded server has none (`shared-memory.ts`). */
export function unknownRegion(region: string): StatusError {
  return new StatusError('NOT_FOUND', `Unable to find shared memory region: '${region}'`);
}
