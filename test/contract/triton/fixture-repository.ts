import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ElementType, onnxModel } from './onnx-model.ts';

const { FLOAT, INT32, STRING, UINT8 } = ElementType;

export type ModelFiles = {
  readonly config: string;
  readonly versions: Readonly<Record<string, Uint8Array>>;
  /** Texts beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
};

const identity = onnxModel(
  [{ name: 'INPUT0', type: FLOAT, dims: ['n', 4] }],
  [{ name: 'OUTPUT0', type: FLOAT, dims: ['n', 4] }],
  [{ op: 'Identity', inputs: ['INPUT0'], outputs: ['OUTPUT0'] }],
);

/** Models that any Triton serves with an onnxruntime backend; names, shapes and settings are those of observed-wire.md. */
export const fixtureModels = {
  identity: {
    config: `
      name: "identity"
      backend: "onnxruntime"
      max_batch_size: 8
      input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 4 ] } ]
      output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 4 ] } ]
      instance_group [ { count: 1 kind: KIND_CPU } ]
      dynamic_batching { preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 1000 }`,
    versions: { 1: identity },
  },
  two: {
    config: `
      name: "two"
      backend: "onnxruntime"
      max_batch_size: 4
      input [ { name: "A" data_type: TYPE_FP32 dims: [ 4 ] }, { name: "B" data_type: TYPE_FP32 dims: [ -1 ] } ]
      output [ { name: "SA" data_type: TYPE_FP32 dims: [ 1 ] }, { name: "SB" data_type: TYPE_FP32 dims: [ 1 ] } ]
      instance_group [ { count: 1 kind: KIND_CPU } ]`,
    versions: {
      1: onnxModel(
        [
          { name: 'A', type: FLOAT, dims: ['n', 4] },
          { name: 'B', type: FLOAT, dims: ['n', 'm'] },
        ],
        [
          { name: 'SA', type: FLOAT, dims: ['n', 1] },
          { name: 'SB', type: FLOAT, dims: ['n', 1] },
        ],
        [
          { op: 'ReduceSum', inputs: ['A'], outputs: ['SA'], ints: { axes: [1] }, int: { keepdims: 1 } },
          { op: 'ReduceSum', inputs: ['B'], outputs: ['SB'], ints: { axes: [1] }, int: { keepdims: 1 } },
        ],
      ),
    },
  },
  add: {
    config: `
      name: "add"
      backend: "onnxruntime"
      max_batch_size: 16
      input [
        { name: "A" data_type: TYPE_FP32 dims: [ 4 ] },
        { name: "B" data_type: TYPE_FP32 dims: [ 4 ] }
      ]
      output [ { name: "SUM" data_type: TYPE_FP32 dims: [ 4 ] } ]
      dynamic_batching { }`,
    versions: {
      1: onnxModel(
        [
          { name: 'A', type: FLOAT, dims: ['n', 4] },
          { name: 'B', type: FLOAT, dims: ['n', 4] },
        ],
        [{ name: 'SUM', type: FLOAT, dims: ['n', 4] }],
        [{ op: 'Add', inputs: ['A', 'B'], outputs: ['SUM'] }],
      ),
    },
  },
  int32: {
    config: `
      backend: "onnxruntime"
      max_batch_size: 8
      input [ { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] } ]
      output [ { name: "OUT" data_type: TYPE_INT32 dims: [ -1 ] } ]
      dynamic_batching { max_queue_delay_microseconds: 500 }`,
    versions: {
      1: onnxModel(
        [{ name: 'IN', type: INT32, dims: ['n', 'm'] }],
        [{ name: 'OUT', type: INT32, dims: ['n', 'm'] }],
        [{ op: 'Add', inputs: ['IN', 'IN'], outputs: ['OUT'] }],
      ),
    },
  },
  plain: {
    config: `
      platform: "onnxruntime_onnx"
      backend: "onnxruntime"
      max_batch_size: 0
      input [ { name: "IN" data_type: TYPE_FP32 dims: [ 2, -1 ] } ]
      output [ { name: "OUT" data_type: TYPE_FP32 dims: [ 2, -1 ] } ]
      version_policy { all { } }`,
    versions: {
      1: onnxModel(
        [{ name: 'IN', type: FLOAT, dims: [2, 'm'] }],
        [{ name: 'OUT', type: FLOAT, dims: [2, 'm'] }],
        [{ op: 'Neg', inputs: ['IN'], outputs: ['OUT'] }],
      ),
      3: onnxModel(
        [{ name: 'IN', type: FLOAT, dims: [2, 'm'] }],
        [{ name: 'OUT', type: FLOAT, dims: [2, 'm'] }],
        [{ op: 'Abs', inputs: ['IN'], outputs: ['OUT'] }],
      ),
    },
  },
  bytes0: {
    config: `
      backend: "onnxruntime"
      max_batch_size: 0
      input [ { name: "TXT" data_type: TYPE_STRING dims: [ -1 ] } ]
      output [ { name: "OUT" data_type: TYPE_STRING dims: [ -1 ] } ]
      instance_group [ { count: 1 kind: KIND_CPU } ]`,
    versions: {
      1: onnxModel(
        [{ name: 'TXT', type: STRING, dims: ['n'] }],
        [{ name: 'OUT', type: STRING, dims: ['n'] }],
        [{ op: 'Identity', inputs: ['TXT'], outputs: ['OUT'] }],
      ),
    },
  },
  pixels: {
    config: `
      name: "pixels"
      backend: "onnxruntime"
      max_batch_size: 32
      input [ { name: "INPUT__0" data_type: TYPE_UINT8 dims: [ 3, 96, 96 ] } ]
      output [ { name: "OUTPUT__0" data_type: TYPE_FP32 dims: [ 3 ] } ]
      dynamic_batching { max_queue_delay_microseconds: 2000 }`,
    versions: {
      1: onnxModel(
        [{ name: 'INPUT__0', type: UINT8, dims: ['n', 3, 96, 96] }],
        [{ name: 'OUTPUT__0', type: FLOAT, dims: ['n', 3] }],
        [
          { op: 'Cast', inputs: ['INPUT__0'], outputs: ['values'], int: { to: FLOAT } },
          {
            op: 'ReduceMean',
            inputs: ['values'],
            outputs: ['OUTPUT__0'],
            ints: { axes: [2, 3] },
            int: { keepdims: 0 },
          },
        ],
      ),
    },
  },
} as const satisfies Readonly<Record<string, ModelFiles>>;

/** Writes a model repository to a new temporary folder. */
export async function writeRepository(
  models: Readonly<Record<string, ModelFiles>>,
): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'triton-fixtures-'));
  for (const [name, { config, versions, files }] of Object.entries(models)) {
    await mkdir(path.join(directory, name), { recursive: true });
    await writeFile(path.join(directory, name, 'config.pbtxt'), config);
    for (const [file, text] of Object.entries(files ?? {})) await writeFile(path.join(directory, name, file), text);
    for (const [version, bytes] of Object.entries(versions)) {
      await mkdir(path.join(directory, name, version), { recursive: true });
      await writeFile(path.join(directory, name, version, 'model.onnx'), bytes);
    }
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
