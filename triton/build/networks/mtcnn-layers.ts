// What MTCNN's three networks share: Zhang, Zhang, Li and Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded
// Convolutional Networks" (2016), with the names, sizes and ceil-mode pooling of facenet-pytorch 2.5.3.
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { permute } from '../weights/permute.ts';
import { takeWeight, type Weight, type Weights } from '../weights/weights.ts';
import { addConvolution, type Convolution, normaliseInput, padOutputs } from './convolution.ts';

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

/**
 * A convolution without padding, then PReLU `prelu<index>` with one slope per channel. `channels`: how many come out where that is
 * more than the convolution has; the further ones are 0.
 */
export function addPreluConvolution(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  input: string,
  convolution: Convolution,
  channels = convolution.bias.length,
): string {
  const output = addConvolution(graph, `conv${index}`, input, padOutputs(convolution, channels));
  const slopes = new Float32Array(channels);
  slopes.set(takeSlopes(weights, index, convolution.bias.length));
  const identity: Convolution = {
    filters: { shape: [channels, 1, 1, 1], data: new Float32Array(channels).fill(1) },
    bias: new Float32Array(channels),
  };
  return addConvolutionOfPrelu(graph, `prelu${index}`, output, slopes, identity, channels);
}

/**
 * A convolution of PReLU's output, without a PReLU: that is relu(x) (1 - slope) + x slope, and a convolution is linear, so it takes
 * relu(x) and x apart, with the factors in its filters. ONNX Runtime keeps its blocked layout of channels through these operators and
 * leaves it for PRelu, which then costs more than the convolutions. Exact up to rounding.
 */
export function addConvolutionOfPrelu(
  graph: GraphBuilder,
  name: string,
  input: string,
  slopes: Float32Array,
  { filters, bias }: Convolution,
  group = 1,
): string {
  const bySlope = (factor: (slope: number) => number): Weight => scaleInputs(filters, slopes.map(factor), group);
  const rectified = graph.node('Relu', [input]);
  const bent = { filters: bySlope(slope => 1 - slope), bias };
  const straight = { filters: bySlope(slope => slope), bias: new Float32Array(bias.length) };
  return graph.node(
    'Add',
    [
      addConvolution(graph, `${name}/bent`, rectified, bent, { group }),
      addConvolution(graph, `${name}/straight`, input, straight, { group }),
    ],
    {},
    name,
  );
}

/** PReLU's slopes `prelu<index>.weight`, one per channel. */
export function takeSlopes(weights: Weights, index: number, channels: number): Float32Array {
  return takeWeight(weights, `prelu${index}.weight`, [channels]).data;
}

/** The filters for an input whose channels were multiplied by `factors` before. */
function scaleInputs({ shape, data }: Weight, factors: Float32Array, group: number): Weight {
  const [outputs = 0, inputsOfGroup = 0] = shape;
  const area = data.length / (outputs * inputsOfGroup);
  const scaled = data.map((value, i) => {
    const output = Math.floor(i / (inputsOfGroup * area));
    const firstInput = Math.floor((output * group) / outputs) * inputsOfGroup;
    return value * factors[firstInput + (Math.floor(i / area) % inputsOfGroup)]!;
  });
  return { shape, data: scaled };
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
