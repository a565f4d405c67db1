import { createGraphBuilder } from '../../../triton/build/onnx/graph-builder.ts';
import { fixtureModels, type ModelFiles } from './fixture-repository.ts';
import { rpcModels } from './rpc-models.ts';

/** One request takes tenths of a second of one core; three may wait. The queue policy is that of a model in observed-wire.md. */
const queued: ModelFiles = {
  config: `
    backend: "onnxruntime"
    max_batch_size: 1
    input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 4 ] } ]
    output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 4 ] } ]
    instance_group [ { count: 1 kind: KIND_CPU } ]
    dynamic_batching {
      default_queue_policy { timeout_action: REJECT default_timeout_microseconds: 20000000 max_queue_size: 3 }
    }`,
  versions: { 1: slowIdentity() },
};

/** The input, plus nothing that four products of 1536 × 1536 matrices have made of it. */
function slowIdentity(): Uint8Array {
  const graph = createGraphBuilder('queued');
  const input = graph.input('INPUT0', 'FP32', ['n', 4]);
  const one = graph.node('ReduceMean', [input], { axes: [0, 1], keepdims: 1 });
  let matrix = graph.node('Expand', [one, graph.constant('shape', [2], [1536n, 1536n])]);
  for (let product = 0; product < 4; product++) matrix = graph.node('MatMul', [matrix, matrix]);
  const mean = graph.node('ReduceMean', [matrix], { axes: [0, 1], keepdims: 1 });
  // The mean may be too large for a float, and infinity times zero is no number: cut to between zero and zero instead.
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

/** A copy of `identity` to load and unload. */
const spare: ModelFiles = {
  ...fixtureModels.identity,
  config: fixtureModels.identity.config.replace('"identity"', '"spare"'),
};

/** What NVIDIA's clients are asked about. */
export const clientModels = { ...fixtureModels, ...rpcModels, queued, spare, ...unloadable };

/** Those of them that are loaded at the start. */
export const loadableModels = Object.keys(clientModels).filter(name => !Object.hasOwn(unloadable, name));
