import type { PixelSpec } from '../../core/pixel-spec.ts';
import { createGraphBuilder, type GraphBuilder } from '../onnx/graph-builder.ts';
import { takeWeight, type Weight, type Weights } from '../weights/weights.ts';
import { addConvolution, type Convolution, normaliseInput, scaleOutput } from './convolution.ts';
import { addNormalisedOutput } from './embedding-graph.ts';
import { type Block, blocks, type ConvLayer, dim, features, stem } from './inception-resnet-v1-layers.ts';

/** How facenet-pytorch feeds the network; its name there. */
export const fixedImageStandardization: PixelSpec = { mean: 127.5, divisor: 128 };

/** Of every batch normalisation; facenet-pytorch has it from TensorFlow. */
const epsilon = 0.001;

/**
 * FaceNet's InceptionResnetV1 as an ONNX model, from facenet-pytorch's state dict.
 *
 * `INPUT__0` UINT8 [n, 3, 160, 160]: RGB planes of the face's box. `OUTPUT__0` FP32 [n, 512], L2-normalised. Pixels are normalised
 * and batch normalisation is done by the convolutions themselves (and by the last matrix): exact up to rounding. Dropout and the
 * classifier (`logits`) are of the training and are left out.
 *
 * Throws a WeightsError when the weights are another network's; `checkInceptionResnetV1` says more about a whole file.
 */
export function buildInceptionResnetV1(weights: Weights, name: string): Uint8Array {
  const graph = createGraphBuilder(name);
  let layer = graph.cast(graph.input('INPUT__0', 'UINT8', ['n', 3, 160, 160]), 'FP32');
  for (const step of stem) layer = step === 'pool' ? addPool(graph, layer) : addConv(graph, weights, layer, step);
  for (const block of blocks) layer = addBlock(graph, weights, layer, block);
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [layer])]);
  const matrix = takeWeight(weights, 'last_linear.weight', [dim, features]);
  const last = withNorm(weights, 'last_bn', matrix);
  const filters = graph.constant('last_linear/weights', last.filters.shape, last.filters.data);
  const bias = graph.constant('last_linear/bias', [dim], last.bias);
  addNormalisedOutput(graph, graph.node('Gemm', [pooled, filters, bias], { transB: 1 }), dim);
  return graph.build();
}

function addConv(graph: GraphBuilder, weights: Weights, input: string, layer: ConvLayer): string {
  const { name, inputs, outputs, kernel, stride, padded } = layer;
  const [height, width] = kernel;
  const filters = takeWeight(weights, `${name}.conv.weight`, [outputs, inputs, height, width]);
  const normed = withNorm(weights, `${name}.bn`, filters);
  // The only layer that sees pixels has no padding, so their normalisation folds into it exactly.
  const { mean, divisor } = fixedImageStandardization;
  const convolution = inputs === 3 ? normaliseInput(normed, [mean, mean, mean], divisor) : normed;
  const [above, beside] = padded ? [(height - 1) / 2, (width - 1) / 2] : [0, 0];
  const options = { stride, pads: [above, beside, above, beside] as const };
  return graph.node('Relu', [addConvolution(graph, name, input, convolution, options)]);
}

function addBlock(graph: GraphBuilder, weights: Weights, input: string, { name, branches, joint }: Block): string {
  const ends = branches.map(branch =>
    branch === 'pool'
      ? addPool(graph, input)
      : branch.reduce((from, layer) => addConv(graph, weights, from, layer), input),
  );
  const together = graph.node('Concat', ends, { axis: 1 });
  if (joint === null) return together;
  const { inputs, outputs, scale, relu } = joint;
  const filters = takeWeight(weights, `${name}.conv2d.weight`, [outputs, inputs, 1, 1]);
  const bias = takeWeight(weights, `${name}.conv2d.bias`, [outputs]).data;
  const scales = new Float32Array(outputs).fill(scale);
  const scaled = scaleOutput({ filters, bias }, scales, new Float32Array(outputs));
  const sum = graph.node('Add', [addConvolution(graph, `${name}.conv2d`, together, scaled), input]);
  return relu ? graph.node('Relu', [sum]) : sum;
}

function addPool(graph: GraphBuilder, input: string): string {
  return graph.node('MaxPool', [input], { kernel_shape: [3, 3], strides: [2, 2] });
}

/** Filters followed by batch normalisation: (y − mean) / √(variance + ε) · scale + shift per output channel, as one. */
function withNorm(weights: Weights, name: string, filters: Weight): Convolution {
  const [channels = 0] = filters.shape;
  const take = (part: string): Float32Array => takeWeight(weights, `${name}.${part}`, [channels]).data;
  const variance = take('running_var');
  const factor = take('weight').map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  const means = take('running_mean');
  const shift = take('bias').map((value, i) => value - means[i]! * factor[i]!);
  return scaleOutput({ filters, bias: new Float32Array(channels) }, factor, shift);
}
