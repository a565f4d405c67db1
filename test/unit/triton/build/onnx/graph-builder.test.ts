import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { AttributeProto_AttributeType, ModelProtoSchema } from '../../../../../proto/gen/onnx_pb.ts';
import { createGraphBuilder } from '../../../../../triton/build/onnx/graph-builder.ts';
import { runOnnx } from '../../../../golden/triton/build/networks/run-onnx.ts';

/** y = max over axis 1 of (float(x) + [10, 20]), for pairs of bytes. */
function buildExample(): Uint8Array {
  const graph = createGraphBuilder('example');
  const pixels = graph.cast(graph.input('x', 'UINT8', ['n', 2]), 'FP32');
  const sum = graph.node('Add', [pixels, graph.constant('shift', [2], Float32Array.of(10, 20))]);
  const twice = graph.node('Concat', [sum, sum], { axis: 0 });
  graph.node('ReduceMax', [twice], { axes: [1], keepdims: 0 }, 'y');
  graph.output('y', 'FP32', ['m']);
  return graph.build();
}

describe('createGraphBuilder', () => {
  it('writes a model that ONNX Runtime runs, free batch dimension and zero attributes included', async () => {
    const outputs = await runOnnx(buildExample(), { name: 'x', shape: [2, 2], data: Uint8Array.of(1, 2, 255, 0) });
    expect(outputs.get('y')).toEqual({ shape: [4], data: Float32Array.of(22, 265, 22, 265) });
  });

  it('declares opset 17 and IR version 8, and names dimensions that are free', () => {
    const model = fromBinary(ModelProtoSchema, buildExample());
    expect(model.irVersion).toBe(8n);
    expect(model.opsetImport).toMatchObject([{ domain: '', version: 17n }]);
    const type = model.graph?.input[0]?.type?.value;
    expect(type?.case === 'tensorType' && type.value.shape?.dim.map(({ value }) => value.value)).toEqual(['n', 2n]);
  });

  it('gives every attribute its type', () => {
    const graph = createGraphBuilder('attributes');
    const input = graph.input('x', 'FP32', [1]);
    graph.node('Any', [input], { int: 3, ints: [1, 2], text: 'NOTSET' });
    const node = fromBinary(ModelProtoSchema, graph.build()).graph?.node[0];
    expect(node?.attribute.map(({ name, type }) => [name, type])).toEqual([
      ['int', AttributeProto_AttributeType.INT],
      ['ints', AttributeProto_AttributeType.INTS],
      ['text', AttributeProto_AttributeType.STRING],
    ]);
  });

  it('gives the same bytes for the same calls', () => {
    expect(buildExample()).toEqual(buildExample());
  });

  it('copies the part of a buffer that a constant is a view of', () => {
    const graph = createGraphBuilder('view');
    graph.constant('c', [1], Float32Array.of(1, 2, 3).subarray(1, 2));
    const raw = fromBinary(ModelProtoSchema, graph.build()).graph?.initializer[0]?.rawData;
    expect(raw).toEqual(new Uint8Array(Float32Array.of(2).buffer));
  });

  it('refuses a name used twice, an input that does not exist and a constant of another size', () => {
    const graph = createGraphBuilder('wrong');
    graph.input('x', 'FP32', [1]);
    expect(() => graph.constant('x', [1], Float32Array.of(1))).toThrow("tensor 'x': expected a new name");
    expect(() => graph.node('Relu', ['z'])).toThrow("tensor 'z': expected one that exists");
    expect(() => graph.output('z', 'FP32', [1])).toThrow("tensor 'z': expected one that exists");
    expect(() => graph.constant('c', [2, 2], Float32Array.of(1))).toThrow("constant 'c': expected 4 values, got 1");
  });
});
