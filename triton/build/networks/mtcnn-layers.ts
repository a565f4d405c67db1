// What MTCNN's three networks share: Zhang, Zhang, Li and Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded
// Convolutional Networks" (2016), with the names, sizes and ceil-mode pooling of facenet-pytorch 2.5.3.
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { permute } from '../weights/permute.ts';
import { takeWeight, type Weight, type Weights } from '../weights/weights.ts';
import { addConvolution, type Convolution, normaliseInput } from './convolution.ts';

/** The networks are trained on (x - 127.5) / 128. */
const mean = [127.5, 127.5, 127.5];
const divisor = 128;

/** The first convolution, 3 × 3 from RGB, with the normalisation of raw pixels folded in: it has no padding, so this is exact. */
export function firstConvolution(weights: Weights, channels: number): Convolution {
  return normaliseInput(takeConvolution(weights, 'conv1', [channels, 3, 3, 3]), mean, divisor);
}

/** `<name>.weight` and `<name>.bias`. */
export function takeConvolution(weights: Weights, name: string, shape: readonly [number, ...number[]]): Convolution {
  const filters = takeWeight(weights, `${name}.weight`, shape);
  return { filters, bias: takeWeight(weights, `${name}.bias`, [shape[0]]).data };
}

/** A convolution without padding, then PReLU `prelu<index>` with one slope per channel. */
export function addPreluConvolution(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  input: string,
  convolution: Convolution,
): string {
  const channels = convolution.bias.length;
  const output = addConvolution(graph, `conv${index}`, input, convolution);
  const slopes = takeWeight(weights, `prelu${index}.weight`, [channels]).data;
  return graph.node('PRelu', [output, graph.constant(`prelu${index}/slopes`, [channels, 1, 1], slopes)]);
}

/** Max-pooling of stride 2 that keeps the incomplete window at the border. */
export function addCeilPool(graph: GraphBuilder, input: string, kernel: number): string {
  return graph.node('MaxPool', [input], { kernel_shape: [kernel, kernel], strides: [2, 2], ceil_mode: 1 });
}

/**
 * Dense layer `dense<index>` with its PReLU, over maps [n, channels, side, side]. facenet-pytorch flattens them as
 * [width, height, channel]; the weights' columns are put into ONNX's order instead, [channel, height, width].
 */
export function addPreluDense(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  input: string,
  size: { readonly channels: number; readonly side: number; readonly outputs: number },
): string {
  const { channels, side, outputs } = size;
  const columns = channels * side * side;
  const dense = takeWeight(weights, `dense${index}.weight`, [outputs, columns]);
  const reordered = permute({ shape: [outputs, side, side, channels], data: dense.data }, [0, 3, 2, 1]);
  const output = addDense(graph, `dense${index}`, graph.node('Flatten', [input]), {
    filters: { shape: [outputs, columns], data: reordered.data },
    bias: takeWeight(weights, `dense${index}.bias`, [outputs]).data,
  });
  const slopes = takeWeight(weights, `prelu${index}.weight`, [outputs]).data;
  return graph.node('PRelu', [output, graph.constant(`prelu${index}/slopes`, [outputs], slopes)]);
}

/** Output `output`: filters [outputs, inputs] over [n, inputs]. */
export function addDense(graph: GraphBuilder, output: string, input: string, { filters, bias }: Convolution): string {
  const matrix = graph.constant(`${output}/weights`, filters.shape, filters.data);
  const biases = graph.constant(`${output}/bias`, [bias.length], bias);
  return graph.node('Gemm', [input, matrix, biases], { transB: 1 }, output);
}

/**
 * The heads as one layer. The first head classifies: its two logits, not face and face, become their difference
 * face - not face, whose sigmoid equals the softmax's face probability. The other heads follow unchanged.
 */
export function mergeHeads(classifier: Convolution, others: readonly Convolution[]): Convolution {
  const [, ...rowShape] = classifier.filters.shape;
  const heads = [faceLogit(classifier), ...others];
  const bias = Float32Array.from(heads.flatMap(head => [...head.bias]));
  const data = Float32Array.from(heads.flatMap(head => [...head.filters.data]));
  return { filters: { shape: [bias.length, ...rowShape], data }, bias };
}

function faceLogit({ filters, bias }: Convolution): Convolution {
  const [, ...rowShape] = filters.shape;
  const notFace = filters.data.subarray(0, filters.data.length / 2);
  const face = filters.data.subarray(filters.data.length / 2);
  const row: Weight = { shape: [1, ...rowShape], data: face.map((value, i) => value - notFace[i]!) };
  return { filters: row, bias: Float32Array.of(bias[1]! - bias[0]!) };
}
