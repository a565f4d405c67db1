import type { ModelFiles } from './fixture-repository.ts';
import { ElementType, type GraphNode, onnxModel } from './onnx-model.ts';

const { FLOAT, STRING } = ElementType;

function unaryModel(nodes: readonly GraphNode[], dims: readonly (number | string)[] = ['n', 4]): Uint8Array {
  return onnxModel([{ name: 'INPUT0', type: FLOAT, dims }], [{ name: 'OUTPUT0', type: FLOAT, dims }], nodes);
}

/** `OUTPUT0` is `INPUT0`, and minus it. */
export const same = unaryModel([{ op: 'Identity', inputs: ['INPUT0'], outputs: ['OUTPUT0'] }]);
export const negated = unaryModel([{ op: 'Neg', inputs: ['INPUT0'], outputs: ['OUTPUT0'] }]);

export const noModel = Uint8Array.of(1, 2, 3);

/** Takes items of one element only, which it finds out when it runs. */
const onlySingles = onnxModel(
  [{ name: 'INPUT0', type: FLOAT, dims: ['n', 'm'] }],
  [{ name: 'OUTPUT0', type: FLOAT, dims: ['n', 'm'] }],
  [
    { op: 'Squeeze', inputs: ['INPUT0'], outputs: ['flat'], ints: { axes: [1] } },
    { op: 'Unsqueeze', inputs: ['flat'], outputs: ['OUTPUT0'], ints: { axes: [1] } },
  ],
);

/** A configuration of `same` and its like. @param more further fields */
export function configText(more = '', inputDims = '4', outputDims = '4'): string {
  return `
    backend: "onnxruntime"
    max_batch_size: 8
    input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ ${inputDims} ] } ]
    output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ ${outputDims} ] } ]
    instance_group [ { count: 1 kind: KIND_CPU } ]
    ${more}`;
}

/** The same as the JSON of a load's parameter. */
export function configJson(more: object = {}): string {
  const tensor = { data_type: 'TYPE_FP32', dims: [4] };
  return JSON.stringify({
    backend: 'onnxruntime',
    max_batch_size: 2,
    input: [{ name: 'INPUT0', ...tensor }],
    output: [{ name: 'OUTPUT0', ...tensor }],
    instance_group: [{ count: 1, kind: 'KIND_CPU' }],
    ...more,
  });
}

/** A configuration with one warm-up sample: fields of the sample's input, and of the sample. */
export function warmUpText(input: string, sample = 'batch_size: 1', name = 'INPUT0'): string {
  return configText(warmUp(input, sample, name));
}

/** The same for `onlySingles`. */
function singlesText(size: number): string {
  const sample = warmUp(`${fp32} dims: [ ${size} ] zero_data: true`, 'batch_size: 1', 'INPUT0');
  return configText(sample, '-1', '1');
}

function warmUp(input: string, sample: string, name: string): string {
  return `model_warmup [ { name: "sample" ${sample} inputs { key: "${name}" value: { ${input} } } } ]`;
}

const fp32 = 'data_type: TYPE_FP32';
const versions = { 1: same };

/** Models that loads and unloads are tried with. Only `steady` is loaded at the start. */
export const controlModels = {
  steady: { config: configText(), versions },
  plain: { config: configText(), versions },
  several: { config: configText('version_policy { all { } }'), versions: { 1: same, 2: negated, 5: same } },
  half: { config: configText('version_policy { all { } }'), versions: { 1: same, 2: noModel, 11: noModel } },
  mended: { config: configText('version_policy { all { } }'), versions: { 1: same } },
  latest: {
    config: configText('version_policy { latest { num_versions: 2 } }'),
    versions: { 1: same, 2: negated, 10: same },
  },
  specific: {
    config: configText('version_policy { specific { versions: [ 1, 9 ] } }'),
    versions: { 1: negated, 2: same },
  },
  unparsable: { config: 'max_batch_size: oops', versions },
  renamed: { config: configText('name: "another"'), versions },
  versionless: { config: configText(), versions: {} },
  dimensionless: { config: configText().replace('dims: [ 4 ]', ''), versions },
  unnamed: { config: configText().replace('backend: "onnxruntime"', ''), versions },
} as const satisfies Readonly<Record<string, ModelFiles>>;

/** Models with a warm-up that works. */
export const warmModels = {
  zeros: { config: warmUpText(`${fp32} dims: [ 4 ] zero_data: true`), versions },
  random: { config: warmUpText(`${fp32} dims: [ 4 ] random_data: true`, 'batch_size: 3 count: 2'), versions },
  skipped: { config: warmUpText(`${fp32} dims: [ 5 ] zero_data: true`, 'batch_size: 0'), versions },
  from_file: { config: warmUpText(`${fp32} dims: [ 4 ] input_data_file: "long.bin"`), versions },
  strings: {
    config: `
      backend: "onnxruntime"
      max_batch_size: 0
      input [ { name: "TEXT" data_type: TYPE_STRING dims: [ 2 ] } ]
      output [ { name: "SAME" data_type: TYPE_STRING dims: [ 2 ] } ]
      model_warmup [
        { name: "zero" batch_size: 1 inputs { key: "TEXT" value: { data_type: TYPE_STRING dims: [ 2 ] zero_data: true } } },
        { name: "random" batch_size: 1 inputs { key: "TEXT" value: { data_type: TYPE_STRING dims: [ 2 ] random_data: true } } }
      ]`,
    versions: {
      1: onnxModel(
        [{ name: 'TEXT', type: STRING, dims: [2] }],
        [{ name: 'SAME', type: STRING, dims: [2] }],
        [{ op: 'Identity', inputs: ['TEXT'], outputs: ['SAME'] }],
      ),
    },
  },
  fitting: { config: singlesText(1), versions: { 1: onlySingles } },
} as const satisfies Readonly<Record<string, ModelFiles>>;

/** Fails when its warm-up runs, which a real Triton 2.51 does not always survive. */
export const failingModel: ModelFiles = { config: singlesText(4), versions: { 1: onlySingles } };

/** Models whose warm-up fails, and why: the reason's beginning as a real Triton 2.51 says it. */
export const coldModels: Readonly<Record<string, ModelFiles & { readonly reason: string }>> = {
  open_dims: {
    config: warmUpText(`${fp32} dims: [ -1 ] zero_data: true`),
    versions,
    reason: "Invalid argument: warmup setting expects all variable-size dimensions are specified for input 'INPUT0';",
  },
  no_data: {
    config: warmUpText(`${fp32} dims: [ 4 ]`),
    versions,
    reason:
      "Invalid argument: [request id: <id_unknown>] warmup setting expects input 'INPUT0' to have input_data_type set;",
  },
  no_file: {
    config: warmUpText(`${fp32} dims: [ 4 ] input_data_file: "missing.bin"`),
    versions,
    reason:
      'Internal: failed to open text file for read REPOSITORY/no_file/warmup/missing.bin: No such file or directory;',
  },
  short_file: {
    config: warmUpText(`${fp32} dims: [ 4 ] input_data_file: "short.bin"`),
    versions,
    reason:
      'Invalid argument: [request id: <id_unknown>] warmup setting expects 16 bytes, but the data provided from short.binonly has 12 bytes;',
  },
  other_input: {
    config: warmUpText(`${fp32} dims: [ 4 ] zero_data: true`, undefined, 'NOPE'),
    versions,
    reason:
      "Invalid argument: [request id: <id_unknown>] expected 1 inputs but got 0 inputs for model 'other_input'. Got input(s) [], but missing required input(s) ['INPUT0']. Please provide all required input(s).;",
  },
  other_type: {
    config: warmUpText('data_type: TYPE_INT32 dims: [ 4 ] zero_data: true'),
    versions,
    reason:
      "Invalid argument: [request id: <id_unknown>] inference input 'INPUT0' data-type is 'INT32', but model 'other_type' expects 'FP32';",
  },
  other_dims: {
    config: warmUpText(`${fp32} dims: [ 5 ] zero_data: true`),
    versions,
    reason:
      "Invalid argument: [request id: <id_unknown>] unexpected shape for input 'INPUT0' for model 'other_dims'. Expected [-1,4], got [1,5]. NOTE:",
  },
};
