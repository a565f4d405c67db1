// dlib's face recognition network (dnn_face_recognition_ex.cpp), with the layers and names of face-api's weights.
import { createGraphBuilder, type GraphBuilder } from '../onnx/graph-builder.ts';
import { takeWeight, type Weights } from '../weights/weights.ts';
import {
  addConvolution,
  type Convolution,
  fromTensorFlow,
  normaliseInput,
  samePads,
  scaleOutput,
} from './convolution.ts';
import { addNormalisedOutput, addPairs, withMirrorImages } from './embedding-graph.ts';

/** dlib's input_rgb_image_sized<150>: mean per channel, then / 256. face-api divides by 255; the weights were trained on dlib's. */
const mean = [122.782, 117.001, 104.298];
const divisor = 256;

/** The blocks after the stem. `down` halves the map; `side` is the size of the map that comes out. */
const blocks = [
  { name: 'conv32_1', channels: 32, side: 35, down: false },
  { name: 'conv32_2', channels: 32, side: 35, down: false },
  { name: 'conv32_3', channels: 32, side: 35, down: false },
  { name: 'conv64_down', channels: 64, side: 17, down: true },
  { name: 'conv64_1', channels: 64, side: 17, down: false },
  { name: 'conv64_2', channels: 64, side: 17, down: false },
  { name: 'conv64_3', channels: 64, side: 17, down: false },
  { name: 'conv128_down', channels: 128, side: 8, down: true },
  { name: 'conv128_1', channels: 128, side: 8, down: false },
  { name: 'conv128_2', channels: 128, side: 8, down: false },
  { name: 'conv256_down', channels: 256, side: 4, down: true },
  { name: 'conv256_1', channels: 256, side: 4, down: false },
  { name: 'conv256_2', channels: 256, side: 4, down: false },
  { name: 'conv256_down_out', channels: 256, side: 2, down: true },
] as const;

/**
 * dlib's face recognition ResNet as an ONNX model, from face-api's `face_recognition_model`.
 *
 * `INPUT__0` UINT8 [n, 3, 150, 150]: RGB planes of dlib's face chip. `OUTPUT__0` FP32 [n, 128], L2-normalised.
 * With `mirrorCrop` the crop and its mirror image are embedded as one batch of 2n, their raw embeddings are added, and the
 * sum is normalised: for twice the time, 83 instead of 79 % of LFW's development pairs are recognised at a false-match rate
 * of 1e-4. (Normalising before adding changes nothing: the norms lie close together.)
 *
 * Throws a WeightsError when the weights are another network's.
 */
export function buildDlibResnet(weights: Weights, options: { mirrorCrop: boolean }): Uint8Array {
  const graph = createGraphBuilder('dlib_resnet');
  const crops = graph.input('INPUT__0', 'UINT8', ['n', 3, 150, 150]);
  const pixels = graph.cast(options.mirrorCrop ? withMirrorImages(graph, crops, 150) : crops, 'FP32');

  const stem = normaliseInput(scaledConvolution(weights, 'conv32_down', [7, 7, 3, 32]), mean, divisor);
  let layer = graph.node('Relu', [addConvolution(graph, 'conv32_down', pixels, stem, { stride: 2 })]);
  layer = graph.node('MaxPool', [layer], { kernel_shape: [3, 3], strides: [2, 2] });
  let channels = 32;
  let side = 35;
  for (const block of blocks) {
    layer = addBlock(graph, weights, layer, { channels, side }, block);
    channels = block.channels;
    side = block.side;
  }

  const features = graph.node('Flatten', [graph.node('GlobalAveragePool', [layer])]);
  const matrix = takeWeight(weights, 'fc', [256, 128]);
  let embeddings = graph.node('MatMul', [features, graph.constant('fc', matrix.shape, matrix.data)]);
  if (options.mirrorCrop) embeddings = addPairs(graph, embeddings, 128);
  addNormalisedOutput(graph, embeddings, 128);
  return graph.build();
}

type Map2d = { readonly channels: number; readonly side: number };

/** relu(conv2(relu(conv1(x))) + shortcut(x)), each 3 × 3; a down-block's first convolution has stride 2 and no padding. */
function addBlock(
  graph: GraphBuilder,
  weights: Weights,
  input: string,
  from: Map2d,
  to: Map2d & { readonly name: string; readonly down: boolean },
): string {
  const { name, channels, side, down } = to;
  const first = scaledConvolution(weights, `${name}/conv1`, [3, 3, from.channels, channels]);
  const second = scaledConvolution(weights, `${name}/conv2`, [3, 3, channels, channels]);
  const inner = addConvolution(graph, `${name}/conv1`, input, first, down ? { stride: 2 } : { pads: samePads });
  const activated = graph.node('Relu', [inner]);
  const output = addConvolution(graph, `${name}/conv2`, activated, second, { pads: samePads });
  if (!down) return graph.node('Relu', [graph.node('Add', [output, input])]);
  // The shortcut is one larger than the output where the input's size is even, and lacks the new channels.
  const pooled = graph.node('AveragePool', [input], { kernel_shape: [2, 2], strides: [2, 2] });
  const missing = side - (Math.floor((from.side - 3) / 2) + 1);
  const sum = graph.node('Add', [
    addZeros(graph, name, output, 0, missing),
    addZeros(graph, `${name}/shortcut`, pooled, channels - from.channels, 0),
  ]);
  return graph.node('Relu', [sum]);
}

/** The map with zeros appended: channels after its own, and rows and columns at the bottom and right. None: the map itself. */
function addZeros(graph: GraphBuilder, name: string, input: string, channels: number, side: number): string {
  if (channels === 0 && side === 0) return input;
  const pads = [0, 0, 0, 0, 0, channels, side, side].map(BigInt);
  return graph.node('Pad', [input, graph.constant(`${name}/pads`, [8], pads)]);
}

/** `<name>/conv` with its per-channel `<name>/scale` folded in; `shape` is TensorFlow's [height, width, in, out]. */
function scaledConvolution(
  weights: Weights,
  name: string,
  shape: readonly [number, number, number, number],
): Convolution {
  const outputs = [shape[3]];
  const filters = fromTensorFlow(takeWeight(weights, `${name}/conv/filters`, shape));
  const bias = takeWeight(weights, `${name}/conv/bias`, outputs).data;
  const scale = takeWeight(weights, `${name}/scale/weights`, outputs).data;
  return scaleOutput({ filters, bias }, scale, takeWeight(weights, `${name}/scale/biases`, outputs).data);
}
