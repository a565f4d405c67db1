import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Weights } from '../weights/weights.ts';
import { addConvolution, type Convolution, padOutputs } from './convolution.ts';
import { addCeilPool, takeSlopes } from './mtcnn-layers.ts';

/**
 * A convolution without padding, PReLU `prelu<index>` and a max-pooling of stride 2, with the pooling first: PReLU then has a quarter of
 * the values to look at. Exact up to rounding. Over a window, with P the maximum of x:
 * a slope of 0 or more keeps the order, so the maximum of PReLU is PReLU(P) = relu(P) (1 - slope) + P slope;
 * with a falling slope PReLU is max(x, slope x), so its maximum is max(P, Q) = relu(P - Q) + Q, with Q the maximum of slope x. The
 * convolution makes slope x as further channels: P-Net's ten channels and six falling slopes fill the sixteen that processors take at once.
 */
export function addPooledPreluConvolution(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  input: string,
  convolution: Convolution,
  kernel: number,
): string {
  const channels = convolution.bias.length;
  const slopes = takeSlopes(weights, index, channels);
  const falling = [...slopes.keys()].filter(channel => slopes[channel]! < 0);
  const widened = withScaledOutputs(convolution, falling, slopes);
  const maxima = addCeilPool(graph, addConvolution(graph, `conv${index}`, input, widened), kernel);
  const mix = (name: string, from: string, width: number, rowOf: (channel: number) => ReadonlyMap<number, number>) =>
    addConvolution(graph, `prelu${index}/${name}`, from, pointwise(channels, width, rowOf));
  const maximumOfScaled = (channel: number): number => channels + falling.indexOf(channel);
  const width = channels + falling.length;

  const differences = mix('differences', maxima, width, channel =>
    slopes[channel]! < 0
      ? new Map([
          [channel, 1],
          [maximumOfScaled(channel), -1],
        ])
      : new Map([[channel, 1]]),
  );
  const bent = mix(
    'bent',
    graph.node('Relu', [differences]),
    channels,
    channel => new Map([[channel, slopes[channel]! < 0 ? 1 : 1 - slopes[channel]!]]),
  );
  const straight = mix('straight', maxima, width, channel =>
    slopes[channel]! < 0 ? new Map([[maximumOfScaled(channel), 1]]) : new Map([[channel, slopes[channel]!]]),
  );
  return graph.node('Add', [bent, straight]);
}

/** The convolution with further outputs: those of `channels`, each multiplied by its factor. */
function withScaledOutputs(convolution: Convolution, channels: readonly number[], factors: Float32Array): Convolution {
  const outputs = convolution.bias.length;
  const { filters, bias } = padOutputs(convolution, outputs + channels.length);
  const size = filters.data.length / bias.length;
  for (const [i, channel] of channels.entries()) {
    const scaled = filters.data.subarray(channel * size, (channel + 1) * size).map(value => value * factors[channel]!);
    filters.data.set(scaled, (outputs + i) * size);
    bias[outputs + i] = bias[channel]! * factors[channel]!;
  }
  return { filters, bias };
}

/** A 1 × 1 convolution without bias; `rowOf` gives an output's factors by input, 0 where absent. */
function pointwise(
  outputs: number,
  inputs: number,
  rowOf: (output: number) => ReadonlyMap<number, number>,
): Convolution {
  const data = new Float32Array(outputs * inputs);
  for (let output = 0; output < outputs; output++) {
    for (const [input, factor] of rowOf(output)) data[output * inputs + input] = factor;
  }
  return { filters: { shape: [outputs, inputs, 1, 1], data }, bias: new Float32Array(outputs) };
}
