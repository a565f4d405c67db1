import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ModelProtoSchema } from '../../../../../proto/gen/onnx_pb.ts';
import {
  buildPublishedEmbedder,
  type PublishedEmbedder,
} from '../../../../../triton/build/networks/published-embedder.ts';
import { createGraphBuilder } from '../../../../../triton/build/onnx/graph-builder.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';
import { maxDifference, runOnnx } from '../../../../golden/triton/build/networks/run-onnx.ts';

/** Mean of each plane as an embedding, from a batch of `batch` images of 2 × 2. */
function published(batch: number | string = 1, opset = 17n): Uint8Array {
  const graph = createGraphBuilder('theirs');
  const means = graph.node('GlobalAveragePool', [graph.input('image', 'FP32', [batch, 3, 2, 2])]);
  const shape = graph.constant('shape', [2], [typeof batch === 'number' ? 1n : 0n, -1n]);
  graph.output(graph.node('Reshape', [means, shape], {}, 'means'), 'FP32', [batch, 3]);
  const model = fromBinary(ModelProtoSchema, graph.build());
  for (const operators of model.opsetImport) operators.version = opset;
  return toBinary(ModelProtoSchema, model);
}

const spec: PublishedEmbedder = { name: 'ours', side: 2, dim: 3, pixels: null, mirrorCrop: false };
/** Two images, planes of one value each: (3, 0, 4) and (0, 5, 0). */
const data = Uint8Array.from([3, 0, 4, 0, 5, 0].flatMap(value => [value, value, value, value]));
const ask = async (model: Uint8Array, pixels = data) => {
  const output = await runOnnx(model, { name: 'INPUT__0', shape: [pixels.length / 12, 3, 2, 2], data: pixels });
  return output.get('OUTPUT__0');
};

describe('buildPublishedEmbedder', () => {
  it.each([1, 'n'])('answers any batch with unit vectors, where the file says batch %s', async batch => {
    const answer = await ask(buildPublishedEmbedder(published(batch), spec));
    expect(answer?.shape).toEqual([2, 3]);
    expect(maxDifference(answer?.data ?? [], [0.6, 0, 0.8, 0, 1, 0])).toBeLessThan(1e-6);
  });

  it('puts the normalisation of pixels into the graph, per channel', async () => {
    const pixels = { mean: [2, -3, 0], deviation: [1, 1, 2] } as const;
    const answer = await ask(buildPublishedEmbedder(published(), { ...spec, pixels }));
    const root = Math.sqrt(14);
    expect(maxDifference(answer?.data.subarray(0, 3) ?? [], [1 / root, 3 / root, 2 / root])).toBeLessThan(1e-6);
  });

  it('leaves an embedding of zeros as zeros', async () => {
    const answer = await ask(buildPublishedEmbedder(published(), { ...spec, mirrorCrop: true }), new Uint8Array(12));
    expect(answer?.data).toEqual(new Float32Array(3));
  });

  it.each<[string, Uint8Array, Partial<PublishedEmbedder>, string]>([
    [
      'another size',
      published(),
      { side: 4 },
      'expected FP32 [n,3,4,4] -> FP32 [n,3], got FP32 [n,3,2,2] -> FP32 [n,3]',
    ],
    ['another embedding', published(), { dim: 128 }, 'expected FP32 [n,3,2,2] -> FP32 [n,128], got'],
    ['an operator set that is too old', published(1, 12n), {}, 'expected operator set 13 or later, got 12'],
    ['other bytes', Uint8Array.of(255, 1, 2), {}, 'expected a protobuf message'],
    ['an empty file', new Uint8Array(), {}, 'expected a graph, got none'],
  ])('refuses a file with %s', (_, file, changes, message) => {
    const build = () => buildPublishedEmbedder(file, { ...spec, ...changes });
    expect(build).toThrow(WeightsError);
    expect(build).toThrow(`ONNX file: ${message}`);
  });
});
