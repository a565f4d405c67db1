import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { permute } from '../weights/permute.ts';
import type { Weight } from '../weights/weights.ts';

/** A convolution as ONNX holds it: filters [out, in / group, height, width] and one bias per output channel. */
export type Convolution = { readonly filters: Weight; readonly bias: Float32Array };

export type ConvolutionOptions = {
  readonly stride?: number;
  /** Zeros added to the input: top, left, bottom, right. None where absent. */
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number];
  /** As many groups as channels makes it depthwise. */
  readonly group?: number;
};

/** Padding of one zero on every side: what keeps the size of a 3 × 3 convolution of stride 1. */
export const samePads = [1, 1, 1, 1] as const;

/** TensorFlow's SAME padding of a 3 × 3 convolution of stride 2 over an even size: one zero at the end of each axis. */
export const sameStride2Pads = [0, 0, 1, 1] as const;

/** Adds the convolution; its weights are named after `name`, and so is its output. */
export function addConvolution(
  graph: GraphBuilder,
  name: string,
  input: string,
  { filters, bias }: Convolution,
  { stride = 1, pads = [0, 0, 0, 0], group = 1 }: ConvolutionOptions = {},
): string {
  const weights = graph.constant(`${name}/filters`, filters.shape, filters.data);
  const biases = graph.constant(`${name}/bias`, [bias.length], bias);
  const kernel = filters.shape.slice(2);
  return graph.node(
    'Conv',
    [input, weights, biases],
    { kernel_shape: kernel, strides: [stride, stride], pads, group },
    name,
  );
}

/** TensorFlow's filters [height, width, in, out] as ONNX's [out, in, height, width]. */
export function fromTensorFlow(filters: Weight): Weight {
  return permute(filters, [3, 2, 0, 1]);
}

/** TensorFlow's depthwise filters [height, width, channels, 1] as ONNX's [channels, 1, height, width]. */
export function depthwiseFromTensorFlow(filters: Weight): Weight {
  return permute(filters, [2, 3, 0, 1]);
}

/** The convolution followed by `y · scale + shift` per output channel, as one. Exact up to rounding. */
export function scaleOutput({ filters, bias }: Convolution, scale: Float32Array, shift: Float32Array): Convolution {
  const size = filters.data.length / bias.length;
  return {
    filters: { shape: filters.shape, data: filters.data.map((value, i) => value * scale[Math.floor(i / size)]!) },
    bias: bias.map((value, channel) => value * scale[channel]! + shift[channel]!),
  };
}

/** The convolution with further outputs, up to `outputs`, that are 0. */
export function padOutputs({ filters, bias }: Convolution, outputs: number): Convolution {
  const [own = 0, ...rest] = filters.shape;
  const data = new Float32Array((filters.data.length / own) * outputs);
  data.set(filters.data);
  const biases = new Float32Array(outputs);
  biases.set(bias);
  return { filters: { shape: [outputs, ...rest], data }, bias: biases };
}

/** The convolution with further inputs, up to `inputs`, that nothing comes of. */
export function padInputs({ filters, bias }: Convolution, inputs: number): Convolution {
  const [outputs = 0, own = 0, ...rest] = filters.shape;
  const size = filters.data.length / outputs;
  const padded = (size / own) * inputs;
  const data = new Float32Array(outputs * padded);
  for (let i = 0; i < outputs; i++) data.set(filters.data.subarray(i * size, (i + 1) * size), i * padded);
  return { filters: { shape: [outputs, inputs, ...rest], data }, bias };
}

/**
 * The convolution of `(x - mean) / divisor`, mean per input channel, as a convolution of `x`. Exact (up to rounding) only
 * without padding: a padded zero stands for the mean before, for the pixel value 0 after.
 */
export function normaliseInput({ filters, bias }: Convolution, mean: readonly number[], divisor: number): Convolution {
  const [, channels = 0, height = 0, width = 0] = filters.shape;
  const area = height * width;
  const shift = bias.map((value, out) => {
    let sum = 0;
    for (let i = 0; i < channels * area; i++) {
      sum += filters.data[out * channels * area + i]! * mean[Math.floor(i / area)]!;
    }
    return value - sum / divisor;
  });
  return { filters: { shape: filters.shape, data: filters.data.map(value => value / divisor) }, bias: shift };
}
