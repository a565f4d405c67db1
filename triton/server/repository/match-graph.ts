import { create } from '@bufbuild/protobuf';
import {
  DataType,
  type ModelConfig,
  ModelDynamicBatchingSchema,
  type ModelInput,
  ModelInputSchema,
  type ModelOutput,
  ModelOutputSchema,
} from '../../../proto/gen/model_config_pb.ts';
import type { GraphTensor, LoadOutput } from '../../onnx-pool/load-job.ts';
import { protocolName, toDataType, toDatatype } from './config-datatype.ts';
import { preferLargestBatch } from './model-config-defaults.ts';

/** What Triton's onnxruntime backend sets where batching is possible and `max_batch_size` is not given. */
const defaultMaxBatchSize = 4;

/**
 * Takes what a configuration leaves out from the ONNX graph, as Triton's onnxruntime backend completes it; one that names inputs
 * and outputs is left alone. A graph whose tensors all begin with a dimension that varies can batch: without a `max_batch_size`
 * it gets 4, and without a scheduler `dynamic_batching`.
 * @returns why it cannot be completed, as one sentence; undefined when it is
 */
export function completeConfig(config: ModelConfig, graph: LoadOutput): string | undefined {
  if (config.input.length > 0 && config.output.length > 0) return undefined;
  const canBatch = [...graph.inputs, ...graph.outputs].every(({ dims }) => dims[0] === -1);
  if (!canBatch && config.maxBatchSize > 0) {
    return `autofill failed for model '${config.name}': model does not support batching while non-zero max_batch_size is specified`;
  }
  if (canBatch) completeBatching(config);
  if (config.input.length === 0) {
    config.input = graph.inputs.map(tensor => create(ModelInputSchema, describe(tensor, config)));
  }
  if (config.output.length === 0) {
    config.output = graph.outputs.map(tensor => create(ModelOutputSchema, describe(tensor, config)));
  }
  return undefined;
}

function completeBatching(config: ModelConfig): void {
  if (config.maxBatchSize === 0) config.maxBatchSize = defaultMaxBatchSize;
  if (config.maxBatchSize > 1 && config.schedulingChoice.case === undefined) {
    config.schedulingChoice = { case: 'dynamicBatching', value: create(ModelDynamicBatchingSchema) };
  }
  preferLargestBatch(config);
}

/** A tensor without dimensions is one of a single element that the model sees reshaped. */
function describe({ name, datatype, dims }: GraphTensor, { maxBatchSize }: ModelConfig) {
  const items = (maxBatchSize > 0 ? dims.slice(1) : dims).map(BigInt);
  return {
    name,
    dataType: datatype === null ? DataType.TYPE_INVALID : toDataType(datatype),
    dims: items.length === 0 ? [1n] : items,
    ...(items.length === 0 && { reshape: {} }),
  };
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
