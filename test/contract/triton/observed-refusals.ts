import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ModelInferRequestSchema } from '../../../proto/gen/grpc_service_pb.ts';
import type { TritonErrorCode } from '../../../triton/client/triton-error.ts';

export type InferInit = MessageInitShape<typeof ModelInferRequestSchema>;

export type Refusal = {
  readonly name: string;
  readonly request: InferInit;
  readonly code: TritonErrorCode;
  /** The text as a real Triton 2.51 gave it, whole. */
  readonly text: string;
};

/** Little-endian float32 bytes of 0, 1, 2, …. */
export function floats(count: number): Uint8Array {
  return new Uint8Array(Float32Array.from({ length: count }, (_, index) => index).buffer);
}

const input = (shape: readonly number[], more: object = {}) => ({
  name: 'INPUT0',
  datatype: 'FP32',
  shape: shape.map(BigInt),
  ...more,
});

const identity = (shape: readonly number[], bytes: number, more: InferInit = {}): InferInit => ({
  modelName: 'identity',
  inputs: [input(shape)],
  rawInputContents: [floats(bytes / 4)],
  ...more,
});

const two = (...inputs: readonly { name: string; shape: number[]; datatype?: string }[]): InferInit => ({
  modelName: 'two',
  inputs: inputs.map(({ name, shape, datatype = 'FP32' }) => ({ name, datatype, shape: shape.map(BigInt) })),
  rawInputContents: inputs.map(({ shape }) => floats(Math.abs(shape.reduce((a, b) => a * b, 1)))),
});

const fp32Contents = (values: number[]) => ({ contents: { fp32Contents: values } });

const batchNote =
  'NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size.';
const reserved =
  "parameter keys starting with 'triton_' are reserved for Triton usage. Only the following keys starting with 'triton_' are allowed: triton_enable_empty_final_response";

/** What a real Triton refuses, and how; both servers have to give these very answers. Models of `fixture-repository.ts`. */
export const observedRefusals: readonly Refusal[] = [
  ...lookups(),
  ...inputsAndOutputs(),
  ...shapes(),
  ...contents(),
  ...parameters(),
  ...order(),
];

function lookups(): Refusal[] {
  const version = (modelVersion: string): InferInit => identity([1, 4], 16, { modelVersion });
  const badVersion = (text: string) =>
    `failed to get model version from specified version string '${text}' (details: stol), version should be an integral value > 0`;
  return [
    {
      name: 'unknown model',
      request: { modelName: 'nope' },
      code: 'NOT_FOUND',
      text: "Request for unknown model: 'nope' is not found",
    },
    { name: 'no model name', request: {}, code: 'NOT_FOUND', text: "Request for unknown model: '' is not found" },
    {
      name: 'unknown version',
      request: version('9'),
      code: 'NOT_FOUND',
      text: "Request for unknown model: 'identity' version 9 is not found",
    },
    {
      name: 'version 0',
      request: version('0'),
      code: 'NOT_FOUND',
      text: "Request for unknown model: 'identity' version 0 is not found",
    },
    { name: 'version that is no number', request: version('abc'), code: 'INVALID_ARGUMENT', text: badVersion('abc') },
    {
      name: 'version beyond 64 bits',
      request: version('99999999999999999999'),
      code: 'INVALID_ARGUMENT',
      text: badVersion('99999999999999999999'),
    },
    {
      name: 'negative version',
      request: version('-1'),
      code: 'INVALID_ARGUMENT',
      text: "invalid model version specified '-1' , version should be an integral value > 0",
    },
  ];
}

function inputsAndOutputs(): Refusal[] {
  const invalid = (name: string, request: InferInit, text: string): Refusal => ({
    name,
    request,
    code: 'INVALID_ARGUMENT',
    text,
  });
  const id = '[request id: <id_unknown>]';
  const please = 'Please provide all required input(s).';
  return [
    invalid(
      'no inputs',
      { modelName: 'identity' },
      `${id} expected 1 inputs but got 0 inputs for model 'identity'. Got input(s) [], but missing required input(s) ['INPUT0']. ${please}`,
    ),
    invalid(
      'one of two inputs',
      two({ name: 'A', shape: [1, 4] }),
      `${id} expected 2 inputs but got 1 inputs for model 'two'. Got input(s) ['A'], but missing required input(s) ['B']. ${please}`,
    ),
    invalid(
      'an input too many',
      identity([1, 4], 16, {
        inputs: [input([1, 4]), input([1, 4], { name: 'X' })],
        rawInputContents: [floats(4), floats(4)],
      }),
      `${id} expected 1 inputs but got 2 inputs for model 'identity'. Got input(s) ['X','INPUT0'], but missing required input(s) ]. ${please}`,
    ),
    invalid(
      'three inputs for two, one missing',
      two({ name: 'X', shape: [1, 4] }, { name: 'Y', shape: [1, 3] }, { name: 'A', shape: [1, 3] }),
      `${id} expected 2 inputs but got 3 inputs for model 'two'. Got input(s) ['A','Y','X'], but missing required input(s) ['B']. ${please}`,
    ),
    invalid(
      'an input of another name',
      identity([1, 4], 16, { inputs: [input([1, 4], { name: 'WRONG' })] }),
      "unexpected inference input 'WRONG' for model 'identity'",
    ),
    invalid(
      'an input named twice',
      identity([1, 4], 16, { inputs: [input([1, 4]), input([1, 4])], rawInputContents: [floats(4), floats(4)] }),
      `${id} input 'INPUT0' already exists in request`,
    ),
    invalid(
      'another datatype',
      identity([1, 4], 16, { inputs: [input([1, 4], { datatype: 'INT32' })] }),
      `${id} inference input 'INPUT0' data-type is 'INT32', but model 'identity' expects 'FP32'`,
    ),
    invalid(
      "another datatype, with the request's id",
      identity([1, 4], 16, { id: 'abc', inputs: [input([1, 4], { datatype: 'FP64' })] }),
      "[request id: abc] inference input 'INPUT0' data-type is 'FP64', but model 'identity' expects 'FP32'",
    ),
    invalid(
      'a datatype that does not exist',
      identity([1, 4], 16, { inputs: [input([1, 4], { datatype: 'FLOAT' })] }),
      `${id} inference input 'INPUT0' data-type is '<invalid>', but model 'identity' expects 'FP32'`,
    ),
    invalid(
      'an output that does not exist',
      identity([1, 4], 16, { outputs: [{ name: 'NOPE' }] }),
      "unexpected inference output 'NOPE' for model 'identity'",
    ),
  ];
}

function shapes(): Refusal[] {
  const id = '[request id: <id_unknown>]';
  const refused = (name: string, request: InferInit, text: string): Refusal => ({
    name,
    request,
    code: 'INVALID_ARGUMENT',
    text: `${id} ${text}`,
  });
  const unexpected = (got: string) =>
    `unexpected shape for input 'INPUT0' for model 'identity'. Expected [-1,4], got ${got}. ${batchNote}`;
  const mismatch = (expected: number, got: number, name = 'INPUT0', model = 'identity') =>
    `input byte size mismatch for input '${name}' for model '${model}'. Expected ${expected}, got ${got}`;
  return [
    refused('another last dimension', identity([1, 5], 20), unexpected('[1,5]')),
    refused('no batch dimension', identity([4], 16), unexpected('[4]')),
    refused('a dimension too many', identity([1, 1, 4], 16), unexpected('[1,1,4]')),
    refused(
      'no shape',
      identity([], 16),
      "input 'INPUT0' has no shape but model requires batch dimension for 'identity'",
    ),
    refused(
      'a batch larger than max_batch_size',
      identity([9, 4], 144),
      "inference request batch-size must be <= 8 for 'identity'",
    ),
    refused('a negative batch', identity([-1, 4], 16), mismatch(68719476720, 16)),
    refused('an empty batch', identity([0, 4], 0), mismatch(16, 0)),
    refused(
      'different batches',
      two({ name: 'A', shape: [1, 4] }, { name: 'B', shape: [2, 3] }),
      "input 'A' batch size does not match other inputs for 'two'",
    ),
    refused(
      'a dimension left open',
      two({ name: 'A', shape: [1, 4] }, { name: 'B', shape: [1, -1] }),
      "All input dimensions should be specified for input 'B' for model 'two', got [1,-1]",
    ),
    refused(
      'a negative dimension',
      two({ name: 'A', shape: [1, 4] }, { name: 'B', shape: [1, -3] }),
      mismatch(-12, 12, 'B', 'two'),
    ),
    refused('too few bytes', identity([1, 4], 12), mismatch(16, 12)),
    refused('too many bytes', identity([1, 4], 20), mismatch(16, 20)),
    refused(
      'too few bytes for a model without batches',
      {
        modelName: 'plain',
        inputs: [{ name: 'IN', datatype: 'FP32', shape: [2n, 3n] }],
        rawInputContents: [floats(5)],
      },
      mismatch(24, 20, 'IN', 'plain'),
    ),
  ];
}

function contents(): Refusal[] {
  const refused = (name: string, request: InferInit, text: string): Refusal => ({
    name,
    request,
    code: 'INVALID_ARGUMENT',
    text,
  });
  const typed = (more: object): InferInit => ({ modelName: 'identity', inputs: [input([1, 4], more)] });
  const found = (kind: string, declared = 'FP32', name = 'INPUT0', model = 'identity') =>
    `unexpected explicit tensor data for input tensor '${name}' for model '${model}' of type '${kind}', expected datatype '${declared}'`;
  const both = "contents field must not be specified when using raw_input_contents for 'INPUT0' for model 'identity'";
  return [
    refused(
      'neither raw nor typed data',
      typed({}),
      "unable to find data for input tensor 'INPUT0' for model 'identity' in request.",
    ),
    refused(
      'fewer raw buffers than inputs',
      { ...two({ name: 'A', shape: [1, 4] }, { name: 'B', shape: [1, 3] }), rawInputContents: [floats(4)] },
      "unable to find data for input tensor 'B' for model 'two' in request.",
    ),
    refused('raw and typed data', identity([1, 4], 16, { inputs: [input([1, 4], fp32Contents([1, 2, 3, 4]))] }), both),
    refused('raw data and empty contents', identity([1, 4], 16, { inputs: [input([1, 4], { contents: {} })] }), both),
    refused(
      'too few typed values',
      typed(fp32Contents([1, 2, 3])),
      "[request id: <id_unknown>] input byte size mismatch for input 'INPUT0' for model 'identity'. Expected 16, got 12",
    ),
    refused(
      'empty contents',
      typed({ contents: {} }),
      "[request id: <id_unknown>] input byte size mismatch for input 'INPUT0' for model 'identity'. Expected 16, got 0",
    ),
    refused("another kind's contents", typed({ contents: { intContents: [1, 2, 3, 4] } }), found('INT32')),
    refused(
      'contents of two kinds',
      typed({ contents: { fp32Contents: [1, 2, 3, 4], intContents: [1] } }),
      found('INT32'),
    ),
    refused('strings for numbers', typed({ contents: { bytesContents: [new Uint8Array(4)] } }), found('BYTES')),
    refused(
      'contents that a datatype has none of',
      typed({ datatype: 'FP16', ...fp32Contents([1, 2, 3, 4]) }),
      found('FP32', 'FP16'),
    ),
    refused(
      'contents of a datatype that does not exist',
      typed({ datatype: 'FLOAT', ...fp32Contents([1, 2, 3, 4]) }),
      found('FP32', '<invalid>'),
    ),
    refused(
      'wider integers than declared',
      {
        modelName: 'int32',
        inputs: [{ name: 'IN', datatype: 'INT32', shape: [1n, 2n], contents: { int64Contents: [1n, 2n] } }],
      },
      found('INT64', 'INT32', 'IN', 'int32'),
    ),
    {
      name: 'shared memory that nobody registered',
      request: typed({
        parameters: {
          shared_memory_region: { parameterChoice: { case: 'stringParam', value: 'r' } },
          shared_memory_byte_size: { parameterChoice: { case: 'int64Param', value: 16n } },
        },
      }),
      code: 'NOT_FOUND',
      text: "Unable to find shared memory region: 'r'",
    },
  ];
}

function parameters(): Refusal[] {
  const text = { parameterChoice: { case: 'stringParam' as const, value: 'x' } };
  const number = { parameterChoice: { case: 'doubleParam' as const, value: 1 } };
  const rows: readonly (readonly [string, object, string])[] = [
    ['triton_x', text, reserved],
    ['priority', text, "invalid value type for 'priority' parameter, expected int64_param or uint64_param."],
    ['timeout', text, "invalid value type for 'timeout' parameter, expected int64_param."],
    ['sequence_id', number, "invalid value type for 'sequence_id' parameter, expected int64_param or string_param."],
    ['sequence_start', text, "invalid value type for 'sequence_start' parameter, expected bool_param."],
    [
      'triton_enable_empty_final_response',
      text,
      "invalid value type for 'triton_enable_empty_final_response' parameter, expected bool_param.",
    ],
    ['empty', {}, "invalid value type for 'empty' parameter, expected int64_param, bool_param, or string_param."],
  ];
  return rows.map(([key, value, message]) => ({
    name: `parameter ${key} of the wrong kind`,
    request: identity([1, 4], 16, { parameters: { [key]: value } }),
    code: 'INVALID_ARGUMENT',
    text: message,
  }));
}

/** Requests with two mistakes: which one is told. */
function order(): Refusal[] {
  const id = '[request id: <id_unknown>]';
  const refused = (name: string, request: InferInit, text: string): Refusal => ({
    name: `order: ${name}`,
    request,
    code: 'INVALID_ARGUMENT',
    text,
  });
  const twice = [input([1, 4]), input([1, 4])];
  return [
    refused(
      'the version before the model',
      { modelName: 'nope', modelVersion: 'abc' },
      "failed to get model version from specified version string 'abc' (details: stol), version should be an integral value > 0",
    ),
    refused(
      'parameters before duplicates',
      identity([1, 4], 16, { inputs: twice, parameters: { triton_x: {} } }),
      reserved,
    ),
    refused(
      'duplicates before outputs',
      identity([1, 4], 16, { inputs: twice, outputs: [{ name: 'NOPE' }] }),
      `${id} input 'INPUT0' already exists in request`,
    ),
    refused(
      'data before outputs',
      { modelName: 'identity', inputs: [input([1, 4])], outputs: [{ name: 'NOPE' }] },
      "unable to find data for input tensor 'INPUT0' for model 'identity' in request.",
    ),
    refused(
      'outputs before shapes',
      identity([9, 5], 16, { outputs: [{ name: 'NOPE' }] }),
      "unexpected inference output 'NOPE' for model 'identity'",
    ),
    refused(
      'the batch before the datatype',
      identity([9, 5], 16, { inputs: [input([9, 5], { datatype: 'INT32' })] }),
      `${id} inference request batch-size must be <= 8 for 'identity'`,
    ),
    refused(
      'the datatype before the shape',
      identity([1, 5], 16, { inputs: [input([1, 5], { datatype: 'INT32' })] }),
      `${id} inference input 'INPUT0' data-type is 'INT32', but model 'identity' expects 'FP32'`,
    ),
    refused(
      'the last input before the first',
      two({ name: 'A', shape: [1, 4], datatype: 'INT32' }, { name: 'C', shape: [1, 3] }),
      "unexpected inference input 'C' for model 'two'",
    ),
  ];
}
