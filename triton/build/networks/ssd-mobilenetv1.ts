// SSD (Liu et al., 2016) on MobileNet v1 (Howard et al., 2017), as TensorFlow's object detection API trains it, with the
// names of face-api's weights.
import { createGraphBuilder, type GraphBuilder } from '../onnx/graph-builder.ts';
import { takeWeight, type Weights } from '../weights/weights.ts';
import {
  addConvolution,
  type Convolution,
  depthwiseFromTensorFlow,
  fromTensorFlow,
  normaliseInput,
  samePads,
  sameStride2Pads,
  scaleOutput,
} from './convolution.ts';
import { addSsdOutputs } from './ssd-outputs.ts';

const batchNormEpsilon = 0.001;

/** MobileNet's depthwise-separable layers: channels that come out, and the stride of the depthwise part. */
const separable = [
  { channels: 64, stride: 1 },
  { channels: 128, stride: 2 },
  { channels: 128, stride: 1 },
  { channels: 256, stride: 2 },
  { channels: 256, stride: 1 },
  { channels: 512, stride: 2 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 1024, stride: 2 },
  { channels: 1024, stride: 1 },
] as const;

/** The layer of MobileNet that feeds the first, finest head. */
const firstFeature = 11;

/** SSD's extra layers: each a 1 × 1 convolution to `squeeze` channels, then a 3 × 3 one of stride 2 to `channels`. */
const extra = [
  { squeeze: 256, channels: 512 },
  { squeeze: 128, channels: 256 },
  { squeeze: 128, channels: 256 },
  { squeeze: 64, channels: 128 },
] as const;

/**
 * face-api's face detector as an ONNX model, from its `ssd_mobilenetv1_model`.
 *
 * `input` UINT8 [n, 3, 512, 512]: RGB planes. face-api pads the photo with black at the right or the bottom to a square of its
 * longer side and resizes that, bilinear, edges not aligned, no half-pixel shift (NetInput.toBatchTensor(512, false)).
 * `boxes` FP32 [n, 5118, 4]: x1, y1, x2, y2 in fractions of that square; they may leave [0, 1]. The photo's own pixels are
 * fraction × longer side. (face-api rounds the shorter side's share of 512 first, so its boxes differ by up to a thousandth.)
 * `scores` FP32 [n, 5118]: face probability. Nothing is suppressed here: face-api keeps scores above 0.5, clips boxes to
 * the input and suppresses overlaps above 0.5.
 *
 * Throws a WeightsError when the weights are another network's.
 */
export function buildSsdMobilenetV1(weights: Weights): Uint8Array {
  const graph = createGraphBuilder('ssd_mobilenetv1');
  const pixels = graph.cast(graph.input('input', 'UINT8', ['n', 3, 512, 512]), 'FP32');
  const relu6 = createRelu6(graph);
  let layer = relu6(addStem(graph, weights, pixels));
  const features: string[] = [];
  let channels = 32;
  for (const [i, { channels: outputs, stride }] of separable.entries()) {
    const name = `MobilenetV1/Conv2d_${i + 1}`;
    const pads = stride === 1 ? samePads : sameStride2Pads;
    const depthwise = takeDepthwise(weights, `${name}_depthwise`, channels);
    layer = relu6(addConvolution(graph, `${name}_depthwise`, layer, depthwise, { stride, pads, group: channels }));
    const pointwise = takePointwise(weights, `${name}_pointwise`, [1, 1, channels, outputs]);
    layer = relu6(addConvolution(graph, `${name}_pointwise`, layer, pointwise));
    if (i + 1 === firstFeature) features.push(layer);
    channels = outputs;
  }
  features.push(layer);
  for (const [i, { squeeze, channels: outputs }] of extra.entries()) {
    const squeezeName = `Prediction/Conv2d_${2 * i}_pointwise`;
    const squeezed = takePointwise(weights, squeezeName, [1, 1, channels, squeeze]);
    layer = relu6(addConvolution(graph, squeezeName, layer, squeezed));
    const name = `Prediction/Conv2d_${2 * i + 1}_pointwise`;
    const reduced = takePointwise(weights, name, [3, 3, squeeze, outputs]);
    layer = relu6(addConvolution(graph, name, layer, reduced, { stride: 2, pads: sameStride2Pads }));
    features.push(layer);
    channels = outputs;
  }
  addSsdOutputs(graph, weights, features);
  return graph.build();
}

/**
 * The first convolution, with x / 127.5 - 1 folded in. Its SAME padding is zero after that, so 127.5 is added to the pixels:
 * one row at the bottom, one column at the right.
 */
function addStem(graph: GraphBuilder, weights: Weights, pixels: string): string {
  const name = 'MobilenetV1/Conv2d_0_pointwise';
  const pads = graph.constant('pixels/pads', [8], [0n, 0n, 0n, 0n, 0n, 0n, 1n, 1n]);
  const padded = graph.node('Pad', [pixels, pads, graph.constant('pixels/grey', [], Float32Array.of(127.5))]);
  const stem = normaliseInput(takePointwise(weights, name, [3, 3, 3, 32]), [127.5, 127.5, 127.5], 127.5);
  return addConvolution(graph, name, padded, stem, { stride: 2 });
}

/** Adds relu6 as Clip, which ONNX Runtime fuses into the convolution. The bounds are constants that all share. */
function createRelu6(graph: GraphBuilder): (input: string) => string {
  const min = graph.constant('relu6/min', [], Float32Array.of(0));
  const max = graph.constant('relu6/max', [], Float32Array.of(6));
  return input => graph.node('Clip', [input, min, max]);
}

/** A convolution whose batch normalisation its publisher has folded in already, but for the offset. */
function takePointwise(weights: Weights, name: string, shape: readonly [number, number, number, number]): Convolution {
  return {
    filters: fromTensorFlow(takeWeight(weights, `${name}/weights`, shape)),
    bias: takeWeight(weights, `${name}/convolution_bn_offset`, [shape[3]]).data,
  };
}

/** A depthwise convolution with its batch normalisation folded in. */
function takeDepthwise(weights: Weights, name: string, channels: number): Convolution {
  const take = (statistic: string): Float32Array =>
    takeWeight(weights, `${name}/BatchNorm/${statistic}`, [channels]).data;
  const filters = depthwiseFromTensorFlow(takeWeight(weights, `${name}/depthwise_weights`, [3, 3, channels, 1]));
  const [gamma, variance, mean, beta] = [take('gamma'), take('moving_variance'), take('moving_mean'), take('beta')];
  const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + batchNormEpsilon));
  const shift = beta.map((value, i) => value - mean[i]! * scale[i]!);
  return scaleOutput({ filters, bias: new Float32Array(channels) }, scale, shift);
}
