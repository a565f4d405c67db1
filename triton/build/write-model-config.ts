import { create } from '@bufbuild/protobuf';
import {
  DataType,
  DataTypeSchema,
  type ModelConfig,
  ModelConfigSchema,
  ModelInstanceGroup_Kind,
  ModelInstanceGroup_KindSchema,
} from '../../proto/gen/model_config_pb.ts';
import type { GraphTensor } from './read-tensors.ts';

/** Larger batches leave the processor cache: 8 faces cost a processor 10 % less than 32, and a quarter of the memory. */
const maxBatchSize = 8;

export type ModelConfigOptions = {
  readonly name: string;
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  /** Batches that may run at once: one per core, each in a session with one thread. */
  readonly instances: number;
};

/**
 * The configuration that Triton serves the model by. Dimensions are the graph's without its first, which has to be
 * free: Triton adds the batch itself. Nothing waits for others while an instance is free: a batch costs a processor no less than its
 * parts, and where all are busy requests share one all the same.
 */
export function createModelConfig({ name, inputs, outputs, instances }: ModelConfigOptions): ModelConfig {
  return create(ModelConfigSchema, {
    name,
    backend: 'onnxruntime',
    maxBatchSize,
    input: inputs.map(toConfigTensor),
    output: outputs.map(toConfigTensor),
    schedulingChoice: { case: 'dynamicBatching', value: { maxQueueDelayMicroseconds: 0n } },
    instanceGroup: [{ count: instances, kind: ModelInstanceGroup_Kind.CPU }],
    // NVIDIA's backend gives every instance as many threads as there are cores unless told; they would fight each other.
    parameters: { intra_op_thread_count: { stringValue: '1' } },
  });
}

/** The part of a configuration that `createModelConfig` fills, in protobuf's text format. */
export function formatModelConfig(config: ModelConfig): string {
  const { schedulingChoice } = config;
  const lines = [
    `name: ${quote(config.name)}`,
    `backend: ${quote(config.backend)}`,
    `max_batch_size: ${config.maxBatchSize}`,
    ...config.input.map(tensor => formatTensor('input', tensor)),
    ...config.output.map(tensor => formatTensor('output', tensor)),
  ];
  if (schedulingChoice.case === 'dynamicBatching') {
    lines.push(
      `dynamic_batching { max_queue_delay_microseconds: ${schedulingChoice.value.maxQueueDelayMicroseconds} }`,
    );
  }
  for (const { count, kind } of config.instanceGroup) {
    lines.push(`instance_group [ { count: ${count} kind: ${ModelInstanceGroup_KindSchema.value[kind]?.name} } ]`);
  }
  for (const [key, { stringValue }] of Object.entries(config.parameters)) {
    lines.push(`parameters { key: ${quote(key)} value: { string_value: ${quote(stringValue)} } }`);
  }
  return `${lines.join('\n')}\n`;
}

function toConfigTensor({ name, datatype, shape }: GraphTensor) {
  if (shape.length < 2 || shape[0] !== -1) {
    throw new Error(`tensor '${name}': expected a free batch dimension first, got [${shape.join(', ')}]`);
  }
  return { name, dataType: DataType[`TYPE_${datatype}`], dims: shape.slice(1).map(BigInt) };
}

type ConfigTensor = Pick<ModelConfig['input'][number] | ModelConfig['output'][number], 'name' | 'dataType' | 'dims'>;

function formatTensor(field: string, { name, dataType, dims }: ConfigTensor): string {
  const type = DataTypeSchema.value[dataType]?.name;
  return `${field} [ { name: ${quote(name)} data_type: ${type} dims: [ ${dims.join(', ')} ] } ]`;
}

/** A string of the text format: JSON's escapes of quotes, backslashes and line ends are among its own. */
function quote(text: string): string {
  return JSON.stringify(text);
}
