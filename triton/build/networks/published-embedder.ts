import type { ModelProto } from '../../../proto/gen/onnx_pb.ts';
import { freeBatch } from '../onnx/free-batch.ts';
import { createGraphBuilder, type GraphBuilder } from '../onnx/graph-builder.ts';
import { readOnnxModel } from '../onnx/read-onnx-model.ts';
import { type GraphTensor, tensorsOf } from '../read-tensors.ts';
import { WeightsError } from '../weights/weights-error.ts';
import { addNormalisedOutput, addPairs, withMirrorImages } from './embedding-graph.ts';

/** From here to 18 the operators that are put around a published graph mean the same. */
const oldestOpset = 13n;

export type PublishedEmbedder = {
  readonly name: string;
  /** Side of the square input, in pixels. */
  readonly side: number;
  /** Numbers in an embedding. */
  readonly dim: number;
  /** The file wants (x − mean) / deviation per channel, of x in 0..255; null: raw pixels. */
  readonly pixels: {
    readonly mean: readonly [number, number, number];
    readonly deviation: readonly [number, number, number];
  } | null;
  /** Embed the crop and its mirror image as one batch of 2n and add the two. */
  readonly mirrorCrop: boolean;
};

/**
 * An embedder that is published as ONNX, with one FP32 image input and one output, as a model of this project:
 * `INPUT__0` UINT8 [n, 3, side, side] (RGB planes, 0..255), `OUTPUT__0` FP32 [n, dim], L2-normalised, any n. The file's own
 * nodes and weights are taken over as they are; around them come the conversion of pixels, the mirror image and the norm.
 *
 * Throws a WeightsError when the file is no ONNX model, has other inputs or outputs or an operator set before 13.
 */
export function buildPublishedEmbedder(file: Uint8Array, spec: PublishedEmbedder): Uint8Array {
  const { name, side, dim, pixels, mirrorCrop } = spec;
  const model = readOnnxModel(file);
  const input = checkContract(model, spec);
  freeBatch(model);
  const graph = createGraphBuilder(name);
  const crops = graph.input('INPUT__0', 'UINT8', ['n', 3, side, side]);
  const images = mirrorCrop ? withMirrorImages(graph, crops, side) : crops;
  if (pixels === null) {
    graph.cast(images, 'FP32', input.name);
  } else {
    normalisePixels(graph, graph.cast(images, 'FP32'), pixels, input.name);
  }
  const [embeddings = ''] = graph.include(model);
  addNormalisedOutput(graph, mirrorCrop ? addPairs(graph, embeddings, dim) : embeddings, dim);
  return graph.build();
}

/** The file's input. The batch dimension may be anything, the others are what the crop and the card say. */
function checkContract(model: ModelProto, { side, dim }: PublishedEmbedder): GraphTensor {
  const { inputs, outputs } = tensorsOf(model);
  const [input] = inputs;
  const shapeOf = ({ datatype, shape: [, ...sizes] }: GraphTensor): string => `${datatype} [n,${sizes.join(',')}]`;
  const got = `${inputs.map(shapeOf).join(' and ')} -> ${outputs.map(shapeOf).join(' and ')}`;
  const expected = `FP32 [n,3,${side},${side}] -> FP32 [n,${dim}]`;
  if (input === undefined || got !== expected) throw new WeightsError(`ONNX file: expected ${expected}, got ${got}`);
  const opset = model.opsetImport.find(({ domain }) => domain === '')?.version ?? 0n;
  if (opset < oldestOpset)
    throw new WeightsError(`ONNX file: expected operator set ${oldestOpset} or later, got ${opset}`);
  return input;
}

/** Not folded into the first convolution: it pads with zeros, which stand for the mean before and for black after. */
function normalisePixels(
  graph: GraphBuilder,
  pixels: string,
  { mean, deviation }: NonNullable<PublishedEmbedder['pixels']>,
  output: string,
): void {
  const channels = [1, 3, 1, 1];
  const centred = graph.node('Sub', [pixels, graph.constant('pixels/mean', channels, Float32Array.from(mean))]);
  graph.node('Div', [centred, graph.constant('pixels/deviation', channels, Float32Array.from(deviation))], {}, output);
}
