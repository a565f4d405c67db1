import { expect, it } from 'vitest';
import { ModelConfigSchema } from '../../../../../proto/gen/model_config_pb.ts';
import { messageJson } from '../../../../../triton/server/http/message-json.ts';
import { parseTextFormat } from '../../../../../triton/server/text-format/parse-text-format.ts';

const config = `
  name: "full" backend: "python" default_model_filename: "model.py" max_batch_size: 8
  version_policy { specific { versions: [ 1 ] } }
  input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 4 ] reshape { shape: [ 2, 2 ] } } ]
  output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 4 ] label_filename: "labels.txt" reshape { shape: [ 2, 2 ] } } ]
  instance_group [
    { name: "full_0" count: 1 kind: KIND_CPU rate_limiter { resources [ { name: "R1" count: 2 } ] priority: 3 } }
  ]
  dynamic_batching {
    preferred_batch_size: [ 4 ] max_queue_delay_microseconds: 9007199254740993
    priority_levels: 2 default_priority_level: 1
    default_queue_policy {
      timeout_action: DELAY default_timeout_microseconds: 5000000 allow_timeout_override: true max_queue_size: 7
    }
    priority_queue_policy { key: 2 value { max_queue_size: 3 default_timeout_microseconds: 12 } }
  }
  optimization {
    graph { level: 1 } priority: PRIORITY_MAX
    execution_accelerators { cpu_execution_accelerator [ { name: "openvino" parameters { key: "a" value: "b" } } ] }
    input_pinned_memory { enable: true } output_pinned_memory { enable: true }
  }
  parameters { key: "k" value { string_value: "v" } }
  metric_tags { key: "m" value: "n" }
  model_transaction_policy { decoupled: false }
  response_cache { enable: false }
  model_warmup [
    { name: "w" batch_size: 1 count: 1 inputs { key: "INPUT0" value { data_type: TYPE_FP32 dims: [ 4 ] zero_data: true } } }
  ]`;

/** `GET /v2/models/full/config` of a real Triton 2.51. */
const observed =
  '{"name":"full","platform":"","backend":"python","runtime":"","version_policy":{"specific":{"versions":[1]}},"max_batch_size":8,"input":[{"name":"INPUT0","data_type":"TYPE_FP32","format":"FORMAT_NONE","dims":[4],"reshape":{"shape":[2,2]},"is_shape_tensor":false,"allow_ragged_batch":false,"optional":false,"is_non_linear_format_io":false}],"output":[{"name":"OUTPUT0","data_type":"TYPE_FP32","dims":[4],"reshape":{"shape":[2,2]},"label_filename":"labels.txt","is_shape_tensor":false,"is_non_linear_format_io":false}],"batch_input":[],"batch_output":[],"optimization":{"graph":{"level":1},"priority":"PRIORITY_MAX","execution_accelerators":{"gpu_execution_accelerator":[],"cpu_execution_accelerator":[{"name":"openvino","parameters":{"a":"b"}}]},"input_pinned_memory":{"enable":true},"output_pinned_memory":{"enable":true},"gather_kernel_buffer_threshold":0,"eager_batching":false},"dynamic_batching":{"preferred_batch_size":[4],"max_queue_delay_microseconds":9007199254740993,"preserve_ordering":false,"priority_levels":2,"default_priority_level":1,"default_queue_policy":{"timeout_action":"DELAY","default_timeout_microseconds":5000000,"allow_timeout_override":true,"max_queue_size":7},"priority_queue_policy":{"2":{"timeout_action":"REJECT","default_timeout_microseconds":12,"allow_timeout_override":false,"max_queue_size":3}}},"instance_group":[{"name":"full_0","kind":"KIND_CPU","count":1,"rate_limiter":{"resources":[{"name":"R1","global":false,"count":2}],"priority":3},"gpus":[],"secondary_devices":[],"profile":[],"passive":false,"host_policy":""}],"default_model_filename":"model.py","cc_model_filenames":{},"metric_tags":{"m":"n"},"parameters":{"k":{"string_value":"v"}},"model_warmup":[{"name":"w","batch_size":1,"inputs":{"INPUT0":{"data_type":"TYPE_FP32","dims":[4],"zero_data":true}},"count":1}],"model_transaction_policy":{"decoupled":false},"response_cache":{"enable":false}}';

it('writes a configuration letter for letter as NVIDIA Triton does', () => {
  expect(messageJson(ModelConfigSchema, parseTextFormat(ModelConfigSchema, config))).toBe(observed);
});
