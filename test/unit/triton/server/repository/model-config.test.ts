import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  DataType,
  type ModelConfig,
  ModelConfigSchema,
  ModelInstanceGroup_Kind,
} from '../../../../../proto/gen/model_config_pb.ts';
import type { LoadOutput } from '../../../../../triton/onnx-pool/load-job.ts';
import { protocolName, toDataType, toDatatype } from '../../../../../triton/server/repository/config-datatype.ts';
import { completeConfig, contradictsGraph } from '../../../../../triton/server/repository/match-graph.ts';
import { withDefaults } from '../../../../../triton/server/repository/model-config-defaults.ts';
import { refuseConfig } from '../../../../../triton/server/repository/refuse-config.ts';
import { selectVersions, versionNumbers } from '../../../../../triton/server/repository/select-versions.ts';

type ConfigInit = Exclude<MessageInitShape<typeof ModelConfigSchema>, ModelConfig>;

const { TYPE_FP32, TYPE_STRING, TYPE_BF16, TYPE_UINT8 } = DataType;
const completed = (init: ConfigInit): ModelConfig =>
  withDefaults(create(ModelConfigSchema, { backend: 'onnxruntime', ...init }), 'm');
const tensor = (name: string, dims: number[], dataType: DataType = TYPE_FP32) => ({
  name,
  dataType,
  dims: dims.map(BigInt),
});
const base: ConfigInit = { maxBatchSize: 4, input: [tensor('IN', [4])], output: [tensor('OUT', [2])] };

describe("a configuration's defaults", () => {
  it('find the backend by the platform, the platform by the backend, and ONNX where neither is named', () => {
    for (const init of [{}, { backend: 'onnxruntime' }, { platform: 'onnxruntime_onnx' }]) {
      const config = withDefaults(create(ModelConfigSchema, init), 'm');
      expect(config).toMatchObject({ backend: 'onnxruntime', platform: 'onnxruntime_onnx' });
      expect(config.defaultModelFilename).toBe('model.onnx');
    }
    const torch = withDefaults(create(ModelConfigSchema, { platform: 'pytorch_libtorch' }), 'm');
    expect(torch).toMatchObject({ backend: '', platform: 'pytorch_libtorch', defaultModelFilename: '' });
  });

  it('leave alone what is there, and the message they are given', () => {
    const init = create(ModelConfigSchema, {
      name: 'n',
      defaultModelFilename: 'net.onnx',
      versionPolicy: { policyChoice: { case: 'all', value: {} } },
      instanceGroup: [{ count: 3 }, { name: 'mine', kind: ModelInstanceGroup_Kind.CPU }],
      optimization: { inputPinnedMemory: { enable: false } },
    });
    const config = withDefaults(init, 'n');
    expect(config.defaultModelFilename).toBe('net.onnx');
    expect(config.versionPolicy?.policyChoice.case).toBe('all');
    expect(config.instanceGroup).toMatchObject([
      { name: 'n_0', count: 3, kind: ModelInstanceGroup_Kind.CPU },
      { name: 'mine', count: 1 },
    ]);
    expect(config.optimization).toMatchObject({
      inputPinnedMemory: { enable: false },
      outputPinnedMemory: { enable: true },
    });
    expect(init.instanceGroup[1]?.count).toBe(0);
  });
});

describe('a configuration', () => {
  it('is served when it is what it says', () => {
    expect(refuseConfig(completed(base))).toBeUndefined();
  });

  it.each<[string, ConfigInit, RegExp]>([
    ...['pytorch', 'python', 'tensorrt', 'tensorflow', 'openvino', 'dali'].map(
      (backend): [string, ConfigInit, RegExp] => [
        `the backend ${backend}`,
        { backend },
        new RegExp(
          `serves ONNX models only, not '${backend}': use NVIDIA Triton for it, or an ONNX version of the model$`,
        ),
      ],
    ),
    ...['pytorch_libtorch', 'tensorrt_plan', 'tensorflow_savedmodel', 'tensorflow_graphdef', 'custom'].map(
      (platform): [string, ConfigInit, RegExp] => [
        `the platform ${platform}`,
        { backend: '', platform },
        new RegExp(
          `serves ONNX models only, not '${platform}': use NVIDIA Triton for it, or an ONNX version of the model$`,
        ),
      ],
    ),
    [
      'a platform that contradicts its backend',
      { backend: 'onnxruntime', platform: 'tensorrt_plan' },
      /not 'tensorrt_plan'/,
    ],
    [
      'an ensemble, which has no file',
      { backend: '', platform: 'ensemble', schedulingChoice: { case: 'ensembleScheduling', value: {} } },
      /does not know ensemble_scheduling: use NVIDIA Triton for this model$/,
    ],
    ['a GPU', { instanceGroup: [{ kind: ModelInstanceGroup_Kind.GPU }] }, /does not know KIND_GPU/],
    ['sequences', { schedulingChoice: { case: 'sequenceBatching', value: {} } }, /sequence_batching/],
    ['ensembles', { schedulingChoice: { case: 'ensembleScheduling', value: {} } }, /ensemble_scheduling/],
    ['priorities', { schedulingChoice: { case: 'dynamicBatching', value: { priorityLevels: 2n } } }, /priority_levels/],
    ['reshapes', { input: [{ ...tensor('IN', [4]), reshape: { shape: [2n, 2n] } }] }, /reshape of inputs/],
    ['ragged batches', { input: [{ ...tensor('IN', [4]), allowRaggedBatch: true }] }, /allow_ragged_batch/],
    ['a negative batch', { maxBatchSize: -1 }, /max_batch_size: expected at least 0, got -1/],
    [
      'a negative count',
      { instanceGroup: [{ count: -1 }] },
      /instance_group 'm_0': expected a count of at least 1, got -1/,
    ],
    [
      'a preferred size beyond the maximum',
      { schedulingChoice: { case: 'dynamicBatching', value: { preferredBatchSize: [8] } } },
      /preferred_batch_size: expected sizes from 1 to max_batch_size 4, got 8/,
    ],
    ['bfloat16', { output: [tensor('OUT', [1], TYPE_BF16)] }, /output 'OUT': .* data type BF16/],
    ['no data type', { output: [{ name: 'OUT', dims: [1n] }] }, /data type INVALID/],
    ['no dimensions', { input: [tensor('IN', [])] }, /^model input 'IN' must specify 'dims' for m$/],
    ['a dimension of 0', { input: [tensor('IN', [0])] }, /expected dimensions of at least 1, or -1, got 0/],
    ['a tensor named twice', { input: [tensor('IN', [1]), tensor('IN', [1])] }, /input 'IN': expected once/],
    ['a tensor without a name', { input: [tensor('', [1])] }, /input: expected a name, got none/],
  ])('is refused in words for %s', (_, init, reason) => {
    expect(refuseConfig(completed({ ...base, ...init }))).toMatch(reason);
  });
});

describe('a configuration beside its graph', () => {
  const graph: LoadOutput = {
    inputs: [{ name: 'IN', datatype: 'FP32', onnxType: 'float32', dims: [-1, 4] }],
    outputs: [
      { name: 'OUT', datatype: 'FP32', onnxType: 'float32', dims: [-1, 2] },
      { name: 'MORE', datatype: 'FP32', onnxType: 'float32', dims: [-1, 7] },
    ],
  };

  it('agrees, and may leave outputs of the graph out or narrow what varies', () => {
    expect(contradictsGraph(completed(base), graph)).toBeUndefined();
    const free = { ...graph, inputs: [{ name: 'IN', datatype: 'FP32' as const, onnxType: 'float32', dims: [-1, -1] }] };
    expect(contradictsGraph(completed(base), free)).toBeUndefined();
  });

  it.each<[string, ConfigInit, string]>([
    ['a name', { input: [tensor('INPUT', [4])] }, "the model needs input 'IN', which config.pbtxt does not name"],
    [
      'an input too many',
      { input: [tensor('IN', [4]), tensor('B', [4])] },
      "input 'B' of config.pbtxt: expected one of the model's [IN]",
    ],
    ['a type', { input: [tensor('IN', [4], TYPE_UINT8)] }, "input 'IN': config.pbtxt says UINT8, the model has FP32"],
    [
      'a dimension',
      { output: [tensor('OUT', [3])] },
      "output 'OUT': config.pbtxt says [-1,3] (batch dimension first, because max_batch_size is set), the model has [-1,2]",
    ],
    ['a rank', { maxBatchSize: 0 }, "input 'IN': config.pbtxt says [4], the model has [-1,4]"],
    [
      'a fixed dimension left open',
      { input: [tensor('IN', [-1])] },
      "input 'IN': config.pbtxt says [-1,-1] (batch dimension first, because max_batch_size is set), the model has [-1,4]",
    ],
  ])('is told apart by %s', (_, init, reason) => {
    expect(contradictsGraph(completed({ ...base, ...init }), graph)).toBe(reason);
  });

  it('is told apart where the graph fixes the batch', () => {
    const fixed = { ...graph, inputs: [{ name: 'IN', datatype: 'FP32' as const, onnxType: 'float32', dims: [1, 4] }] };
    expect(contradictsGraph(completed(base), fixed)).toMatch(/the model has \[1,4\]/);
  });

  it('takes tensors that it does not name from the graph', () => {
    const config = completed({ maxBatchSize: 4 });
    expect(completeConfig(config, graph)).toBeUndefined();
    expect(config.input).toMatchObject([{ name: 'IN', dataType: TYPE_FP32, dims: [4n] }]);
    expect(config.output.map(({ name }) => name)).toEqual(['OUT', 'MORE']);
    expect(contradictsGraph(config, graph)).toBeUndefined();
  });

  it.each<[string, ConfigInit, number, readonly number[] | undefined]>([
    ['of 4 with dynamic batching where nothing is said', {}, 4, [4]],
    ['as large as it says, with dynamic batching', { maxBatchSize: 9 }, 9, [9]],
    ['of 1 without dynamic batching', { maxBatchSize: 1 }, 1, undefined],
    ['as it says where it names its tensors', { ...base, maxBatchSize: 0 }, 0, undefined],
  ])('gets a batch %s', (_, init, maxBatchSize, preferred) => {
    const config = completed(init);
    expect(completeConfig(config, graph)).toBeUndefined();
    expect(config.maxBatchSize).toBe(maxBatchSize);
    const { schedulingChoice: scheduling } = config;
    expect(scheduling.case === 'dynamicBatching' ? scheduling.value.preferredBatchSize : undefined).toEqual(preferred);
  });

  it('gets no batch from a graph that fixes one, and is refused one', () => {
    const fixed = { ...graph, inputs: [{ name: 'IN', datatype: 'FP32' as const, onnxType: 'float32', dims: [1, 4] }] };
    const config = completed({});
    expect(completeConfig(config, fixed)).toBeUndefined();
    expect(config).toMatchObject({ maxBatchSize: 0, input: [{ dims: [1n, 4n] }] });
    expect(completeConfig(completed({ maxBatchSize: 4 }), fixed)).toBe(
      "autofill failed for model 'm': model does not support batching while non-zero max_batch_size is specified",
    );
  });

  it('shows an item of a single element as one that the model reshapes', () => {
    const scalars = {
      ...graph,
      outputs: [{ name: 'OUT', datatype: 'FP32' as const, onnxType: 'float32', dims: [-1] }],
    };
    const config = completed({});
    expect(completeConfig(config, scalars)).toBeUndefined();
    expect(config.output).toMatchObject([{ dims: [1n], reshape: { shape: [] } }]);
    expect(refuseConfig(config)).toMatch(/reshape of outputs/);
  });
});

describe('data types', () => {
  it('have the names of the protocol, both ways', () => {
    expect([protocolName(TYPE_FP32), protocolName(TYPE_STRING), protocolName(DataType.TYPE_INVALID)]).toEqual([
      'FP32',
      'BYTES',
      'INVALID',
    ]);
    expect([toDatatype(TYPE_UINT8), toDatatype(TYPE_STRING), toDatatype(TYPE_BF16)]).toEqual([
      'UINT8',
      'BYTES',
      undefined,
    ]);
    expect(toDataType('FP16')).toBe(DataType.TYPE_FP16);
  });
});

describe('versions', () => {
  it('are folders named by a whole number above zero', () => {
    expect(versionNumbers(['10', '2', '0', '01', '-1', '1.5', 'tmp', '.3', '1e3'])).toEqual([2, 10]);
  });

  it('are chosen by the policy', () => {
    const policy = (
      policyChoice: NonNullable<ModelConfig['versionPolicy']>['policyChoice'],
    ): ModelConfig['versionPolicy'] => ({
      $typeName: 'inference.ModelVersionPolicy',
      policyChoice,
    });
    const config = (text: ConfigInit['versionPolicy']) => completed({ versionPolicy: text }).versionPolicy;
    expect(selectVersions([1, 3, 12], config(undefined))).toEqual([12]);
    expect(selectVersions([1, 3, 12], config({ policyChoice: { case: 'latest', value: { numVersions: 2 } } }))).toEqual(
      [3, 12],
    );
    expect(
      selectVersions([1, 3, 12], config({ policyChoice: { case: 'specific', value: { versions: [3n, 4n] } } })),
    ).toEqual([3]);
    expect(selectVersions([1, 3], policy({ case: undefined }))).toEqual([3]);
    expect(selectVersions([], config({ policyChoice: { case: 'all', value: {} } }))).toEqual([]);
  });
});
