// What embedders share around their networks: the mirror image, the sum of both embeddings and the unit length.
import type { GraphBuilder } from '../onnx/graph-builder.ts';

/** [n, 3, side, side] to [2n, 3, side, side]: the crops, then their mirror images. */
export function withMirrorImages(graph: GraphBuilder, crops: string, side: number): string {
  const starts = graph.constant('mirror/starts', [1], [-1n]);
  const ends = graph.constant('mirror/ends', [1], [BigInt(-1 - side)]);
  const axes = graph.constant('mirror/axes', [1], [3n]);
  const steps = graph.constant('mirror/steps', [1], [-1n]);
  const mirrored = graph.node('Slice', [crops, starts, ends, axes, steps]);
  return graph.node('Concat', [crops, mirrored], { axis: 0 });
}

/** [2n, dim] to [n, dim]: row i plus row n + i. */
export function addPairs(graph: GraphBuilder, embeddings: string, dim: number): string {
  const pairs = graph.node('Reshape', [embeddings, graph.constant('pairs/shape', [3], [2n, -1n, BigInt(dim)])]);
  return graph.node('ReduceSum', [pairs, graph.constant('pairs/axes', [1], [0n])], { keepdims: 0 });
}

/**
 * [n, dim] to `OUTPUT__0` FP32 [n, dim], each row divided by its L2 norm. An all-zero row stays zero instead of becoming NaN.
 * Written out, because ReduceL2 takes its axes in another way from operator set 18 on, and published files have either.
 */
export function addNormalisedOutput(graph: GraphBuilder, embeddings: string, dim: number): void {
  const squares = graph.node('Mul', [embeddings, embeddings]);
  const sums = graph.node('ReduceSum', [squares, graph.constant('norm/axes', [1], [1n])], { keepdims: 1 });
  const norms = graph.node('Sqrt', [sums]);
  const divisors = graph.node('Max', [norms, graph.constant('norm/smallest', [1], Float32Array.of(1e-12))]);
  graph.output(graph.node('Div', [embeddings, divisors], {}, 'OUTPUT__0'), 'FP32', ['n', dim]);
}
