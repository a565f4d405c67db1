import { createGraphBuilder } from '../onnx/graph-builder.ts';
import type { Weights } from '../weights/weights.ts';
import { addConvolution } from './convolution.ts';
import {
  addConvolutionOfPrelu,
  addPreluConvolution,
  firstConvolution,
  mergeHeads,
  takeConvolution,
  takeSlopes,
} from './mtcnn-layers.ts';
import { addPooledPreluConvolution } from './pooled-prelu.ts';

/**
 * MTCNN's proposal network as an ONNX model, from facenet-pytorch's `pnet.pt`.
 *
 * `input` FP32 [n, 3, h, w]: raw RGB, 0..255, h and w at least 12; n, h and w are free.
 * `output` FP32 [n, 5, h', w'], h' = ceil((h - 2) / 2) - 4: channel 0 is logit(face) - logit(not face), the sigmoid of
 * which is the face probability; 1..4 are the box regression. Cell (y, x) looks at the 12 × 12 pixels from (2y, 2x).
 *
 * Throws a WeightsError when the weights are another network's.
 */
export function buildPnet(weights: Weights): Uint8Array {
  const graph = createGraphBuilder('mtcnn_pnet');
  let layer = graph.input('input', 'FP32', ['n', 3, 'h', 'w']);
  layer = addPooledPreluConvolution(graph, weights, 1, layer, firstConvolution(weights, 10), 2);
  layer = addPreluConvolution(graph, weights, 2, layer, takeConvolution(weights, 'conv2', [16, 10, 3, 3]));
  layer = addConvolution(graph, 'conv3', layer, takeConvolution(weights, 'conv3', [32, 16, 3, 3]));
  const heads = mergeHeads(takeConvolution(weights, 'conv4_1', [2, 32, 1, 1]), [
    takeConvolution(weights, 'conv4_2', [4, 32, 1, 1]),
  ]);
  const output = addConvolutionOfPrelu(graph, 'output', layer, takeSlopes(weights, 3, 32), heads);
  graph.output(output, 'FP32', ['n', 5, 'oh', 'ow']);
  return graph.build();
}
