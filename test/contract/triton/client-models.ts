import { createGraphBuilder } from '../../../triton/build/onnx/graph-builder.ts';
import { fixtureModels, type ModelFiles } from './fixture-repository.ts';
import { ElementType, onnxModel } from './onnx-model.ts';

/** The protocol's datatypes beside the configuration's and ONNX's. */
const datatypes = {
  BOOL: ['TYPE_BOOL', ElementType.BOOL],
  UINT8: ['TYPE_UINT8', ElementType.UINT8],
  UINT16: ['TYPE_UINT16', ElementType.UINT16],
  UINT32: ['TYPE_UINT32', ElementType.UINT32],
  UINT64: ['TYPE_UINT64', ElementType.UINT64],
  INT8: ['TYPE_INT8', ElementType.INT8],
  INT16: ['TYPE_INT16', ElementType.INT16],
  INT32: ['TYPE_INT32', ElementType.INT32],
  INT64: ['TYPE_INT64', ElementType.INT64],
  FP16: ['TYPE_FP16', ElementType.FLOAT16],
  FP32: ['TYPE_FP32', ElementType.FLOAT],
  FP64: ['TYPE_FP64', ElementType.DOUBLE],
  BYTES: ['TYPE_STRING', ElementType.STRING],
} as const;

/** `echo_int8` and so on: what comes in as [n, m] goes out. */
const echoModels: Record<string, ModelFiles> = Object.fromEntries(
  Object.entries(datatypes).map(([datatype, [configType, type]]) => [
    `echo_${datatype.toLowerCase()}`,
    {
      config: `
        backend: "onnxruntime"
        max_batch_size: 0
        input [ { name: "IN" data_type: ${configType} dims: [ -1, -1 ] } ]
        output [ { name: "OUT" data_type: ${configType} dims: [ -1, -1 ] } ]
        instance_group [ { count: 1 kind: KIND_CPU } ]`,
      versions: {
        1: onnxModel(
          [{ name: 'IN', type, dims: ['n', 'm'] }],
          [{ name: 'OUT', type, dims: ['n', 'm'] }],
          [{ op: 'Identity', inputs: ['IN'], outputs: ['OUT'] }],
        ),
      },
    },
  ]),
);

/** One request takes tenths of a second of one core; three may wait. The queue policy is that of the model in observed-wire.md. */
const slow: ModelFiles = {
  config: `
    backend: "onnxruntime"
    max_batch_size: 1
    input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 4 ] } ]
    output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 4 ] } ]
    instance_group [ { count: 1 kind: KIND_CPU } ]
    dynamic_batching {
      default_queue_policy { timeout_action: REJECT default_timeout_microseconds: 800000 max_queue_size: 3 }
    }`,
  versions: { 1: slowGraph() },
};

/** The input, plus nothing that four products of 1536 × 1536 matrices have made of it. */
function slowGraph(): Uint8Array {
  const graph = createGraphBuilder('slow');
  const input = graph.input('INPUT0', 'FP32', ['n', 4]);
  const one = graph.node('ReduceMean', [input], { axes: [0, 1], keepdims: 1 });
  let matrix = graph.node('Expand', [one, graph.constant('shape', [2], [1536n, 1536n])]);
  for (let product = 0; product < 4; product++) matrix = graph.node('MatMul', [matrix, matrix]);
  const mean = graph.node('ReduceMean', [matrix], { axes: [0, 1], keepdims: 1 });
  // What four products made of it may have no bounds, but the smaller of it and zero, and the larger of that and zero, have.
  const zero = graph.constant('zero', [1, 1], Float32Array.of(0));
  const nothing = graph.node('Max', [graph.node('Min', [mean, zero]), zero]);
  graph.node('Add', [input, nothing], {}, 'OUTPUT0');
  graph.output('OUTPUT0', 'FP32', ['n', 4]);
  return graph.build();
}

/** Models that cannot be loaded: the file is no ONNX, and the configuration is no text format. */
const unloadable: Record<string, ModelFiles> = {
  broken: { config: 'backend: "onnxruntime" max_batch_size: 0', versions: { 1: new TextEncoder().encode('no model') } },
  badcfg: { config: 'max_batch_size: { no number }', versions: fixtureModels.identity.versions },
};

/** Copies of `identity` that nobody else asks or changes. */
const copies = ['counted', 'spare'].map((name): [string, ModelFiles] => [
  name,
  { ...fixtureModels.identity, config: fixtureModels.identity.config.replace('"identity"', `"${name}"`) },
]);

/** What NVIDIA's clients are asked about. */
export const clientModels = { ...fixtureModels, ...echoModels, slow, ...unloadable, ...Object.fromEntries(copies) };

/** Those of them that are loaded at the start. */
export const loadableModels = Object.keys(clientModels).filter(name => !Object.hasOwn(unloadable, name));
