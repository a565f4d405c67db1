import { describe, expect, it } from 'vitest';
import {
  addConvolution,
  type Convolution,
  depthwiseFromTensorFlow,
  fromTensorFlow,
  normaliseInput,
  scaleOutput,
} from '../../../../../triton/build/networks/convolution.ts';
import { createGraphBuilder } from '../../../../../triton/build/onnx/graph-builder.ts';
import { runOnnx } from '../../../../golden/triton/build/networks/run-onnx.ts';

/** Two output channels over two input channels, 2 × 2. */
const convolution: Convolution = {
  filters: {
    shape: [2, 2, 2, 2],
    data: Float32Array.of(1, -2, 3, 0.5, 2, 1, -1, 0.25, 0, 1, 1, -3, 0.5, 2, -2, 1),
  },
  bias: Float32Array.of(0.5, -1),
};
const pixels = Float32Array.from({ length: 2 * 3 * 3 }, (_, i) => (i * 7) % 11);

async function run(input: Float32Array, convolve: Convolution): Promise<Float32Array> {
  const graph = createGraphBuilder('convolution');
  addConvolution(graph, 'y', graph.input('x', 'FP32', [1, 2, 3, 3]), convolve);
  graph.output('y', 'FP32', [1, 2, 2, 2]);
  const outputs = await runOnnx(graph.build(), { name: 'x', shape: [1, 2, 3, 3], data: input });
  return outputs.get('y')?.data ?? new Float32Array();
}

describe('a convolution', () => {
  it('with its input’s normalisation folded in equals the convolution of normalised pixels', async () => {
    const normalised = pixels.map((value, i) => (value - (i < 9 ? 3 : 5)) / 4);
    const expected = await run(normalised, convolution);
    const got = await run(pixels, normaliseInput(convolution, [3, 5], 4));
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  });

  it('with its output’s scale and shift folded in equals both, one after the other', async () => {
    const expected = (await run(pixels, convolution)).map((value, i) => (i < 4 ? value * 2 + 1 : value * -0.5 + 3));
    const got = await run(pixels, scaleOutput(convolution, Float32Array.of(2, -0.5), Float32Array.of(1, 3)));
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  });
});

describe('TensorFlow’s filters', () => {
  it('become [out, in, height, width]', () => {
    const filters = { shape: [1, 2, 3, 1], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
    expect(fromTensorFlow(filters)).toEqual({ shape: [1, 3, 1, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) });
  });

  it('become [channels, 1, height, width] where they are depthwise', () => {
    const filters = { shape: [1, 2, 3, 1], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
    expect(depthwiseFromTensorFlow(filters)).toEqual({ shape: [3, 1, 1, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) });
  });
});
