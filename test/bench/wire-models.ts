// The models that the wire is measured with, made here: seeded weights, and those of a package that is installed anyhow.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seededWeights } from '../../triton/build/networks/seeded-weights.ts';
import { createGraphBuilder } from '../../triton/build/onnx/graph-builder.ts';
import { dlibResnet } from '../../triton/build/registry/dlib-resnet.ts';
import { takeWeight } from '../../triton/build/weights/weights.ts';

/** A net of one input and one output, and what a request to it holds. */
export type WireModel = {
  readonly name: string;
  readonly title: string;
  readonly onnx: Uint8Array;
  readonly input: { readonly name: string; readonly datatype: 'FP32' | 'UINT8'; readonly dims: readonly number[] };
  readonly output: { readonly name: string; readonly dims: readonly number[] };
  readonly maxBatchSize: number;
  /** Rows that each request brings. */
  readonly rows: number;
  /** How many different requests are sent in turn: an answer to another one is noticed. */
  readonly requests: number;
  /** Largest difference of a value from the model's alone: batches of other sizes are summed in other orders. */
  readonly tolerance: number;
};

/** The ways of batching that are measured. */
export const batchings = {
  alone: '',
  batched: 'dynamic_batching { preferred_batch_size: [ 8 ] }',
} as const;

export type Batching = keyof typeof batchings;

export async function wireModels(): Promise<Record<'identity' | 'convNet' | 'dlibResnet' | 'megabytes', WireModel>> {
  return { identity: identity(), convNet: convNet(), dlibResnet: await dlib(), megabytes: megabytes() };
}

/** Nothing but the wire. */
function identity(): WireModel {
  const graph = createGraphBuilder('identity');
  graph.output(graph.node('Identity', [graph.input('INPUT0', 'FP32', ['n', 4])], {}, 'OUTPUT0'), 'FP32', ['n', 4]);
  return {
    name: 'identity',
    title: 'identity FP32 [4]',
    onnx: graph.build(),
    input: { name: 'INPUT0', datatype: 'FP32', dims: [4] },
    output: { name: 'OUTPUT0', dims: [4] },
    maxBatchSize: 8,
    rows: 1,
    requests: 16,
    tolerance: 0,
  };
}

/** Four convolutions of stride 2 and a projection: 150 KB in, a quarter of a millisecond of work. */
function convNet(): WireModel {
  const channels = [3, 16, 32, 64, 128];
  const shapes = channels.slice(1).map((out, index) => ({
    name: `w${index}`,
    shape: [out, channels[index] ?? 0, 3, 3],
    role: 'filters' as const,
  }));
  const weights = seededWeights([...shapes, { name: 'wf', shape: [128, 512], role: 'filters' }], 5);
  const graph = createGraphBuilder('conv_net');
  let layer = graph.input('input', 'FP32', ['n', 3, 112, 112]);
  for (const { name, shape } of shapes) {
    const filters = graph.constant(name, shape, takeWeight(weights, name, shape).data);
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    layer = graph.node('Relu', [graph.node('Conv', [layer, filters], attributes)]);
  }
  const features = graph.node('Flatten', [graph.node('GlobalAveragePool', [layer])]);
  const projection = graph.constant('wf', [128, 512], takeWeight(weights, 'wf', [128, 512]).data);
  const embedding = graph.node('MatMul', [features, projection]);
  const normalised = graph.node('LpNormalization', [embedding], { axis: 1, p: 2 }, 'embedding');
  graph.output(normalised, 'FP32', ['n', 512]);
  return {
    name: 'conv_net',
    title: 'conv net FP32 [3,112,112] → [512]',
    onnx: graph.build(),
    input: { name: 'input', datatype: 'FP32', dims: [3, 112, 112] },
    output: { name: 'embedding', dims: [512] },
    maxBatchSize: 16,
    rows: 1,
    requests: 16,
    tolerance: 1e-5,
  };
}

async function dlib(): Promise<WireModel> {
  const folder = path.resolve(import.meta.dirname, '../../node_modules/@vladmandic/face-api/model');
  const files = await Promise.all(
    dlibResnet.weights.map(async ({ name }) => [name, await readFile(path.join(folder, name))] as const),
  );
  const [file] = dlibResnet.build(new Map(files), { mirrorCrop: false });
  if (file === undefined) throw new Error('dlib_resnet: expected a file, got none');
  return {
    name: 'dlib_resnet',
    title: 'dlib_resnet UINT8 [3,150,150] → [128]',
    onnx: file.bytes,
    input: { name: 'INPUT__0', datatype: 'UINT8', dims: [3, 150, 150] },
    output: { name: 'OUTPUT__0', dims: [128] },
    maxBatchSize: 32,
    rows: 1,
    requests: 16,
    tolerance: 1e-4,
  };
}

/** A batch of FaceNet's crops, as large as the wire sees them, and next to no work. */
function megabytes(): WireModel {
  const graph = createGraphBuilder('megabytes');
  const crops = graph.input('INPUT__0', 'FP32', ['n', 3, 160, 160]);
  const mean = graph.node('ReduceMean', [crops], { axes: [2, 3], keepdims: 0 }, 'OUTPUT__0');
  graph.output(mean, 'FP32', ['n', 3]);
  return {
    name: 'megabytes',
    title: 'means of FP32 [32,3,160,160], 9.8 MB',
    onnx: graph.build(),
    input: { name: 'INPUT__0', datatype: 'FP32', dims: [3, 160, 160] },
    output: { name: 'OUTPUT__0', dims: [3] },
    maxBatchSize: 32,
    rows: 32,
    requests: 2,
    tolerance: 1e-4,
  };
}

/**
 * A model repository in a new temporary folder, with every model once for each way of scheduling, as `<model>_<way>`.
 * @param schedulings what stands in the configuration
 */
export async function writeWireRepository(
  models: readonly WireModel[],
  schedulings: Readonly<Record<string, string>> = batchings,
): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'face-id-wire-'));
  for (const model of models) {
    for (const [way, scheduling] of Object.entries(schedulings)) {
      const name = `${model.name}_${way}`;
      await mkdir(path.join(directory, name, '1'), { recursive: true });
      await writeFile(path.join(directory, name, 'config.pbtxt'), configText(model, name, scheduling));
      await writeFile(path.join(directory, name, '1/model.onnx'), model.onnx);
    }
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

function configText({ input, output, maxBatchSize }: WireModel, name: string, scheduling: string): string {
  return `
    name: "${name}"
    backend: "onnxruntime"
    max_batch_size: ${maxBatchSize}
    input [ { name: "${input.name}" data_type: TYPE_${input.datatype} dims: [ ${input.dims} ] } ]
    output [ { name: "${output.name}" data_type: TYPE_FP32 dims: [ ${output.dims} ] } ]
    instance_group [ { count: 2 kind: KIND_CPU } ]
    ${scheduling}`;
}
