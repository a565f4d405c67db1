import { createGraphBuilder } from '../onnx/graph-builder.ts';
import type { Weights } from '../weights/weights.ts';
import { padInputs } from './convolution.ts';
import {
  addCeilPool,
  addDense,
  addPreluConvolution,
  addPreluDense,
  firstConvolution,
  mergeHeads,
  takeConvolution,
} from './mtcnn-layers.ts';

/**
 * In place of 28: ONNX Runtime takes channels in blocks of eight or sixteen, and leaves its blocked layout where they do not fill them, which
 * costs more than four channels of zeros.
 */
const blockedChannels = 32;

/**
 * MTCNN's refinement network as an ONNX model, from facenet-pytorch's `rnet.pt`.
 *
 * `input` FP32 [n, 3, 24, 24]: raw RGB, 0..255.
 * `output` FP32 [n, 5]: logit(face) - logit(not face), the sigmoid of which is the face probability, then the box regression.
 *
 * Throws a WeightsError when the weights are another network's.
 */
export function buildRnet(weights: Weights): Uint8Array {
  const graph = createGraphBuilder('mtcnn_rnet');
  let layer = graph.input('input', 'FP32', ['n', 3, 24, 24]);
  layer = addPreluConvolution(graph, weights, 1, layer, firstConvolution(weights, 28), blockedChannels);
  layer = addCeilPool(graph, layer, 3);
  const conv2 = padInputs(takeConvolution(weights, 'conv2', [48, 28, 3, 3]), blockedChannels);
  layer = addPreluConvolution(graph, weights, 2, layer, conv2);
  layer = addCeilPool(graph, layer, 3);
  layer = addPreluConvolution(graph, weights, 3, layer, takeConvolution(weights, 'conv3', [64, 48, 2, 2]));
  layer = addPreluDense(graph, weights, 4, layer, { channels: 64, side: 3, outputs: 128 });
  const heads = mergeHeads(takeConvolution(weights, 'dense5_1', [2, 128]), [
    takeConvolution(weights, 'dense5_2', [4, 128]),
  ]);
  const output = addDense(graph, 'output', layer, heads);
  graph.output(output, 'FP32', ['n', 5]);
  return graph.build();
}
