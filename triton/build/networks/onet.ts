import { createGraphBuilder } from '../onnx/graph-builder.ts';
import type { Weights } from '../weights/weights.ts';
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
 * MTCNN's output network as an ONNX model, from facenet-pytorch's `onet.pt`.
 *
 * `input` FP32 [n, 3, 48, 48]: raw RGB, 0..255.
 * `output` FP32 [n, 15]: logit(face) - logit(not face), the sigmoid of which is the face probability; the box regression (4);
 * the landmarks in fractions of the box, x1..x5 then y1..y5.
 *
 * Throws a WeightsError when the weights are another network's.
 */
export function buildOnet(weights: Weights): Uint8Array {
  const graph = createGraphBuilder('mtcnn_onet');
  let layer = graph.input('input', 'FP32', ['n', 3, 48, 48]);
  layer = addPreluConvolution(graph, weights, 1, layer, firstConvolution(weights, 32));
  layer = addCeilPool(graph, layer, 3);
  layer = addPreluConvolution(graph, weights, 2, layer, takeConvolution(weights, 'conv2', [64, 32, 3, 3]));
  layer = addCeilPool(graph, layer, 3);
  layer = addPreluConvolution(graph, weights, 3, layer, takeConvolution(weights, 'conv3', [64, 64, 3, 3]));
  layer = addCeilPool(graph, layer, 2);
  layer = addPreluConvolution(graph, weights, 4, layer, takeConvolution(weights, 'conv4', [128, 64, 2, 2]));
  layer = addPreluDense(graph, weights, 5, layer, { channels: 128, side: 3, outputs: 256 });
  const heads = mergeHeads(takeConvolution(weights, 'dense6_1', [2, 256]), [
    takeConvolution(weights, 'dense6_2', [4, 256]),
    takeConvolution(weights, 'dense6_3', [10, 256]),
  ]);
  const output = addDense(graph, 'output', layer, heads);
  graph.output(output, 'FP32', ['n', 15]);
  return graph.build();
}
