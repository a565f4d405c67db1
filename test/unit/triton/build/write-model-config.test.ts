import { describe, expect, it } from 'vitest';
import { ModelConfigSchema } from '../../../../proto/gen/model_config_pb.ts';
import { createModelConfig, formatModelConfig } from '../../../../triton/build/write-model-config.ts';
import { parseTextFormat } from '../../../../triton/server/text-format/parse-text-format.ts';

const input = { name: 'INPUT__0', datatype: 'UINT8', shape: [-1, 3, 150, 150] } as const;
const output = { name: 'OUTPUT__0', datatype: 'FP32', shape: [-1, 128] } as const;

describe('config.pbtxt', () => {
  it('is what NVIDIA Triton needs to serve the folder with no flag', () => {
    const config = createModelConfig({ name: 'dlib_resnet', inputs: [input], outputs: [output], instances: 4 });
    expect(formatModelConfig(config)).toBe(
      [
        'name: "dlib_resnet"',
        'backend: "onnxruntime"',
        'max_batch_size: 8',
        'input [ { name: "INPUT__0" data_type: TYPE_UINT8 dims: [ 3, 150, 150 ] } ]',
        'output [ { name: "OUTPUT__0" data_type: TYPE_FP32 dims: [ 128 ] } ]',
        'dynamic_batching { max_queue_delay_microseconds: 0 }',
        'instance_group [ { count: 4 kind: KIND_CPU } ]',
        'parameters { key: "intra_op_thread_count" value: { string_value: "1" } }',
        '',
      ].join('\n'),
    );
  });

  it('says in text what the message says', () => {
    const config = createModelConfig({ name: 'two', inputs: [input, input], outputs: [output, output], instances: 1 });
    expect(parseTextFormat(ModelConfigSchema, formatModelConfig(config))).toEqual(config);
  });

  it('refuses a graph without a free batch dimension', () => {
    const fixed = { ...input, shape: [1, 3, 150, 150] };
    expect(() => createModelConfig({ name: 'm', inputs: [fixed], outputs: [output], instances: 1 })).toThrow(
      "tensor 'INPUT__0': expected a free batch dimension first, got [1, 3, 150, 150]",
    );
  });
});
