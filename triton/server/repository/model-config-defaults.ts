import { clone, create } from '@bufbuild/protobuf';
import {
  type ModelConfig,
  ModelConfigSchema,
  ModelInstanceGroup_Kind,
  ModelInstanceGroupSchema,
  ModelOptimizationPolicy_PinnedMemoryBufferSchema,
  ModelOptimizationPolicySchema,
  ModelVersionPolicySchema,
} from '../../../proto/gen/model_config_pb.ts';

/** Triton starts two CPU instances of an ONNX model whose configuration names no count (seen on 2.51). */
const defaultInstances = 2;

/**
 * The configuration with everything filled in that a real Triton 2.51 fills in before it answers ModelConfig: name, backend
 * and platform, version policy, instance groups with their names, model file, preferred batch size, pinned memory.
 */
export function withDefaults(config: ModelConfig, modelName: string): ModelConfig {
  const filled = clone(ModelConfigSchema, config);
  filled.name ||= modelName;
  if (filled.platform === '' && (filled.backend === '' || filled.backend === 'onnxruntime')) {
    filled.platform = 'onnxruntime_onnx';
  }
  if (filled.backend === '' && filled.platform === 'onnxruntime_onnx') filled.backend = 'onnxruntime';
  if (filled.backend === 'onnxruntime') filled.defaultModelFilename ||= 'model.onnx';
  filled.versionPolicy ??= create(ModelVersionPolicySchema);
  if (filled.versionPolicy.policyChoice.case === undefined) {
    filled.versionPolicy = create(ModelVersionPolicySchema, {
      policyChoice: { case: 'latest', value: { numVersions: 1 } },
    });
  }
  fillInstanceGroups(filled);
  preferLargestBatch(filled);
  filled.optimization ??= create(ModelOptimizationPolicySchema);
  filled.optimization.inputPinnedMemory ??= create(ModelOptimizationPolicy_PinnedMemoryBufferSchema, { enable: true });
  filled.optimization.outputPinnedMemory ??= create(ModelOptimizationPolicy_PinnedMemoryBufferSchema, { enable: true });
  return filled;
}

/** Dynamic batching without preferred sizes prefers the largest. */
export function preferLargestBatch({ schedulingChoice, maxBatchSize }: ModelConfig): void {
  if (schedulingChoice.case !== 'dynamicBatching' || maxBatchSize === 0) return;
  const { preferredBatchSize } = schedulingChoice.value;
  if (preferredBatchSize.length === 0) preferredBatchSize.push(maxBatchSize);
}

/** A group of the file is `<model>_<index>` and one instance unless said otherwise; the group Triton adds bears the model's name. */
function fillInstanceGroups(config: ModelConfig): void {
  if (config.instanceGroup.length === 0) {
    config.instanceGroup.push(
      create(ModelInstanceGroupSchema, {
        name: config.name,
        count: defaultInstances,
        kind: ModelInstanceGroup_Kind.CPU,
      }),
    );
  }
  for (const [index, group] of config.instanceGroup.entries()) {
    group.name ||= `${config.name}_${index}`;
    if (group.kind === ModelInstanceGroup_Kind.AUTO) group.kind = ModelInstanceGroup_Kind.CPU;
    group.count ||= 1;
  }
}
