// face-api's FaceLandmark68Net: four dense blocks of depthwise-separable convolutions, then one dense layer.
import { createGraphBuilder, type GraphBuilder } from '../onnx/graph-builder.ts';
import { takeWeight, type Weights } from '../weights/weights.ts';
import { addConvolution, depthwiseFromTensorFlow, fromTensorFlow, samePads, sameStride2Pads } from './convolution.ts';

const mean = [122.782, 117.001, 104.298];
const divisor = 255;

const landmarks = 68;

/**
 * face-api's 68-point landmark net as an ONNX model, from its `face_landmark_68_model`.
 *
 * `input` UINT8 [n, 3, 112, 112]: RGB planes of the face. `output` FP32 [n, 68, 2]: x and y in fractions of the 112 × 112
 * input, in iBUG's 68-point order (36..41 the eye with the smaller x, 42..47 the other, 30 the nose's tip, 48 and 54 the
 * corners of the mouth). Points may lie outside [0, 1].
 *
 * How face-api cuts the input (extractFaceTensors, then NetInput.toBatchTensor(112, true)):
 * 1. The detection box (in pixels of the photo) is clipped to the photo: x, y = max(·, 0); the right and bottom edges stay
 *    where they were, at most the photo's. Then x, y, width and height are rounded down, each on its own. No margin.
 * 2. The cut is padded with black to a square, centred: of d = |width - height|, floor(d / 2) goes in front (left or top) and
 *    the rest behind.
 * 3. The square is resized to 112 × 112, bilinear, edges not aligned (source = destination · side / 112, no half-pixel shift).
 *
 * Back to the photo: pixel = point · side - padding in front + the cut's corner. (face-api reckons with a padding of d / 2 here,
 * half a pixel from this when d is odd.)
 *
 * Throws a WeightsError when the weights are another network's.
 */
export function buildFaceLandmark68(weights: Weights): Uint8Array {
  const graph = createGraphBuilder('face_landmark_68');
  const pixels = graph.cast(graph.input('input', 'UINT8', ['n', 3, 112, 112]), 'FP32');
  // The first convolution pads with zeros after the mean is subtracted, so only the division folds into its weights.
  const centred = graph.node('Sub', [pixels, graph.constant('pixels/mean', [1, 3, 1, 1], Float32Array.from(mean))]);
  let layer = addFirstLayer(graph, weights, centred);
  layer = addDenseBlock(graph, weights, 'dense0', layer, 32);
  let channels = 32;
  for (const name of ['dense1', 'dense2', 'dense3']) {
    const outputs = 2 * channels;
    const entry = addSeparable(graph, weights, `${name}/conv0`, layer, { inputs: channels, outputs, stride: 2 });
    layer = addDenseBlock(graph, weights, name, graph.node('Relu', [entry]), outputs);
    channels = outputs;
  }
  // 7 × 7 maps come in, so this pool is one window.
  const features = graph.node('Flatten', [graph.node('GlobalAveragePool', [layer])]);
  const matrix = takeWeight(weights, 'fc/weights', [channels, 2 * landmarks]);
  const bias = takeWeight(weights, 'fc/bias', [2 * landmarks]);
  const points = graph.node('Gemm', [
    features,
    graph.constant('fc/weights', matrix.shape, matrix.data),
    graph.constant('fc/bias', bias.shape, bias.data),
  ]);
  const shape = graph.constant('output/shape', [3], [0n, BigInt(landmarks), 2n]);
  graph.node('Reshape', [points, shape], {}, 'output');
  graph.output('output', 'FP32', ['n', landmarks, 2]);
  return graph.build();
}

/** A full convolution, where the later blocks begin with a separable one. */
function addFirstLayer(graph: GraphBuilder, weights: Weights, input: string): string {
  const filters = fromTensorFlow(takeWeight(weights, 'dense0/conv0/filters', [3, 3, 3, 32]));
  const bias = takeWeight(weights, 'dense0/conv0/bias', [32]).data;
  const divided = { shape: filters.shape, data: filters.data.map(value => value / divisor) };
  const options = { stride: 2, pads: sameStride2Pads };
  return graph.node('Relu', [addConvolution(graph, 'dense0/conv0', input, { filters: divided, bias }, options)]);
}

/** Each of three further layers gets relu of the sum of all before it; the block's output is relu of the sum of all. */
function addDenseBlock(graph: GraphBuilder, weights: Weights, name: string, first: string, channels: number): string {
  let sum = first;
  let activated = first;
  for (const index of [1, 2, 3]) {
    const size = { inputs: channels, outputs: channels, stride: 1 };
    sum = graph.node('Add', [sum, addSeparable(graph, weights, `${name}/conv${index}`, activated, size)]);
    activated = graph.node('Relu', [sum]);
  }
  return activated;
}

/** A depthwise 3 × 3 convolution, then a 1 × 1 one; one bias, at the end. */
function addSeparable(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  input: string,
  { inputs, outputs, stride }: { readonly inputs: number; readonly outputs: number; readonly stride: number },
): string {
  const depthwise = depthwiseFromTensorFlow(takeWeight(weights, `${name}/depthwise_filter`, [3, 3, inputs, 1]));
  const pointwise = fromTensorFlow(takeWeight(weights, `${name}/pointwise_filter`, [1, 1, inputs, outputs]));
  const bias = takeWeight(weights, `${name}/bias`, [outputs]).data;
  const pads = stride === 1 ? samePads : sameStride2Pads;
  const spatial = addConvolution(
    graph,
    `${name}/depthwise`,
    input,
    { filters: depthwise, bias: new Float32Array(inputs) },
    { stride, pads, group: inputs },
  );
  return addConvolution(graph, `${name}/pointwise`, spatial, { filters: pointwise, bias });
}
