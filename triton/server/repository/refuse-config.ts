import {
  type ModelConfig,
  type ModelInput,
  ModelInstanceGroup_Kind,
  type ModelOutput,
} from '../../../proto/gen/model_config_pb.ts';
import { protocolName, toDatatype } from './config-datatype.ts';

/**
 * Why the embedded server cannot serve a model of this (completed) configuration, as one sentence; undefined when it can.
 * What would be served wrongly is refused; what only tunes (pinned memory, optimisation levels, rate limits) is not.
 */
export function refuseConfig(config: ModelConfig): string | undefined {
  return refuseBackend(config) ?? refuseFeatures(config) ?? refuseNumbers(config) ?? refuseTensors(config);
}

function refuseBackend({ backend, platform, schedulingChoice }: ModelConfig): string | undefined {
  // An ensemble is no file of any backend: what it is made of may well be ONNX.
  if (schedulingChoice.case === 'ensembleScheduling') return undefined;
  const isOnnx = backend === 'onnxruntime' && (platform === '' || platform === 'onnxruntime_onnx');
  if (isOnnx) return undefined;
  const name = backend === '' || backend === 'onnxruntime' ? platform : backend;
  return `the embedded server serves ONNX models only, not '${name}': use NVIDIA Triton for it, or an ONNX version of the model`;
}

function refuseFeatures(config: ModelConfig): string | undefined {
  const { schedulingChoice: scheduling } = config;
  const asked: readonly (readonly [boolean, string])[] = [
    [scheduling.case === 'sequenceBatching', 'sequence_batching'],
    [scheduling.case === 'ensembleScheduling', 'ensemble_scheduling'],
    [scheduling.case === 'dynamicBatching' && scheduling.value.priorityLevels > 0n, 'priority_levels'],
    [config.modelTransactionPolicy?.decoupled === true, 'decoupled transactions'],
    [config.responseCache?.enable === true, 'response_cache'],
    [config.batchInput.length + config.batchOutput.length > 0, 'batch_input and batch_output'],
    [(config.modelOperations?.opLibraryFilename.length ?? 0) > 0, 'op_library_filename'],
    [config.instanceGroup.some(group => group.kind === ModelInstanceGroup_Kind.GPU), 'KIND_GPU'],
    [config.input.some(input => input.reshape !== undefined), 'reshape of inputs'],
    [config.output.some(output => output.reshape !== undefined), 'reshape of outputs'],
    [config.input.some(input => input.allowRaggedBatch), 'allow_ragged_batch'],
    [config.input.some(input => input.optional), 'optional inputs'],
    [[...config.input, ...config.output].some(tensor => tensor.isShapeTensor), 'shape tensors'],
  ];
  const feature = asked.find(([isAsked]) => isAsked)?.[1];
  return feature === undefined
    ? undefined
    : `the embedded server does not know ${feature}: use NVIDIA Triton for this model`;
}

function refuseNumbers({ maxBatchSize, schedulingChoice, instanceGroup }: ModelConfig): string | undefined {
  if (maxBatchSize < 0) return `max_batch_size: expected at least 0, got ${maxBatchSize}`;
  const group = instanceGroup.find(({ count }) => count < 1);
  if (group !== undefined) return `instance_group '${group.name}': expected a count of at least 1, got ${group.count}`;
  if (schedulingChoice.case !== 'dynamicBatching') return undefined;
  const size = schedulingChoice.value.preferredBatchSize.find(size => size < 1 || size > maxBatchSize);
  if (size === undefined) return undefined;
  return `preferred_batch_size: expected sizes from 1 to max_batch_size ${maxBatchSize}, got ${size}`;
}

function refuseTensors({ name, input, output }: ModelConfig): string | undefined {
  return refuseTensorList(name, 'input', input) ?? refuseTensorList(name, 'output', output);
}

function refuseTensorList(
  modelName: string,
  kind: string,
  tensors: readonly (ModelInput | ModelOutput)[],
): string | undefined {
  const names = tensors.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `${kind} '${twice}': expected once in the configuration, got twice`;
  for (const { name, dataType, dims } of tensors) {
    if (name === '') return `${kind}: expected a name, got none`;
    if (dims.length === 0) return `model ${kind} '${name}' must specify 'dims' for ${modelName}`;
    if (toDatatype(dataType) === undefined) {
      return `${kind} '${name}': the embedded server does not serve data type ${protocolName(dataType)}: use NVIDIA Triton for this model`;
    }
    const wrong = dims.find(dimension => dimension < 1n && dimension !== -1n);
    if (wrong !== undefined) return `${kind} '${name}': expected dimensions of at least 1, or -1, got ${wrong}`;
  }
  return undefined;
}
