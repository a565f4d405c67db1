import type {
  ModelInferRequest,
  ModelInferRequest_InferRequestedOutputTensor,
} from '../../../proto/gen/grpc_service_pb.ts';
import { StatusError } from '../status-error.ts';
import type { ServedModel } from './served-model.ts';
import { sharedMemoryRegion, unknownRegion } from './shared-memory-parameters.ts';

/** Names of the outputs that are asked for as classes, and how many classes of each row. */
export type ClassCounts = ReadonlyMap<string, number>;

/**
 * What the parameters of the requested outputs ask for: `classification` of Triton's extension of that name.
 * @throws StatusError, also for an output that is to go into shared memory, of which there is none
 */
export function requestedClasses({ outputs }: ModelInferRequest): ClassCounts {
  return new Map(
    outputs.flatMap(output => {
      const region = sharedMemoryRegion(output);
      const classes = classCount(output);
      if (region !== undefined) {
        throw classes === undefined
          ? unknownRegion(region)
          : invalid("output can't set both 'shared_memory_region' and 'classification'");
      }
      return classes === undefined ? [] : [[output.name, classes]];
    }),
  );
}

function classCount({ parameters }: ModelInferRequest_InferRequestedOutputTensor): number | undefined {
  const parameter = parameters.classification;
  if (parameter === undefined) return undefined;
  const { parameterChoice: choice } = parameter;
  if (choice.case !== 'int64Param') {
    throw invalid("invalid value type for 'classification' parameter, expected int64_param");
  }
  // Triton's own words for what it takes from 1 on.
  if (choice.value <= 0n) throw invalid("invalid value for 'classification' parameter, expected >= 0");
  return Number(choice.value);
}

/**
 * The outputs that are wanted, in the model's order, which is also the order of the answer; all when none is named.
 * @throws StatusError `INVALID_ARGUMENT` for one that the model does not have
 */
export function requestedOutputs(request: ModelInferRequest, model: ServedModel): string[] {
  const available = model.outputs.map(({ name }) => name);
  if (request.outputs.length === 0) return available;
  const wanted = new Set(request.outputs.map(({ name }) => name));
  // Triton keeps them sorted, and names the first that is wrong.
  for (const name of [...wanted].sort()) {
    if (!available.includes(name)) throw invalid(`unexpected inference output '${name}' for model '${model.name}'`);
  }
  return available.filter(name => wanted.has(name));
}

function invalid(text: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', text);
}
