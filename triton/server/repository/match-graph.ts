import { create } from '@bufbuild/protobuf';
import {
  type ModelConfig,
  type ModelInput,
  ModelInputSchema,
  type ModelOutput,
  ModelOutputSchema,
} from '../../../proto/gen/model_config_pb.ts';
import type { GraphTensor, LoadOutput } from '../../onnx-pool/load-job.ts';
import { protocolName, toDataType, toDatatype } from './config-datatype.ts';

/**
 * Takes a configuration's missing inputs or outputs from the ONNX graph, as Triton does; a graph's first dimension is the
 * batch where `max_batch_size` is set. What the configuration names is left alone.
 */
export function completeTensors(config: ModelConfig, graph: LoadOutput): void {
  const describe = ({ name, datatype, dims }: GraphTensor): Pick<ModelInput, 'name' | 'dataType' | 'dims'> => ({
    name,
    dataType: datatype === null ? 0 : toDataType(datatype),
    dims: (config.maxBatchSize > 0 ? dims.slice(1) : dims).map(BigInt),
  });
  if (config.input.length === 0) {
    config.input = graph.inputs.map(tensor => create(ModelInputSchema, describe(tensor)));
  }
  if (config.output.length === 0) {
    config.output = graph.outputs.map(tensor => create(ModelOutputSchema, describe(tensor)));
  }
}

/** Where the configuration and the ONNX graph contradict each other, as one sentence; undefined when they agree. */
export function contradictsGraph(config: ModelConfig, graph: LoadOutput): string | undefined {
  const unfed = graph.inputs.find(({ name }) => !config.input.some(input => input.name === name));
  if (unfed !== undefined) return `the model needs input '${unfed.name}', which config.pbtxt does not name`;
  for (const input of config.input) {
    const problem = contradicts('input', input, graph.inputs, config.maxBatchSize);
    if (problem !== undefined) return problem;
  }
  for (const output of config.output) {
    const problem = contradicts('output', output, graph.outputs, config.maxBatchSize);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function contradicts(
  kind: string,
  { name, dataType, dims }: ModelInput | ModelOutput,
  tensors: readonly GraphTensor[],
  maxBatchSize: number,
): string | undefined {
  const tensor = tensors.find(candidate => candidate.name === name);
  if (tensor === undefined) {
    return `${kind} '${name}' of config.pbtxt: expected one of the model's [${tensors.map(({ name }) => name)}]`;
  }
  if (tensor.datatype === null || tensor.datatype !== toDatatype(dataType)) {
    return `${kind} '${name}': config.pbtxt says ${protocolName(dataType)}, the model has ${tensor.datatype ?? tensor.onnxType}`;
  }
  const full = maxBatchSize > 0 ? [-1, ...dims.map(Number)] : dims.map(Number);
  // A fixed dimension of the model must be named as it is; one that varies may be narrowed by the configuration.
  const agree =
    full.length === tensor.dims.length && tensor.dims.every((size, index) => size === -1 || size === full[index]);
  if (agree) return undefined;
  const batch = maxBatchSize > 0 ? ' (batch dimension first, because max_batch_size is set)' : '';
  return `${kind} '${name}': config.pbtxt says [${full}]${batch}, the model has [${tensor.dims}]`;
}
