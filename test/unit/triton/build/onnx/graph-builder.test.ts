import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
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

describe('including a published model', () => {
  /** y = x + 1 of one row, opset 13, with a shape noted for `inner`. */
  const published = () =>
    create(ModelProtoSchema, {
      irVersion: 7n,
      producerName: 'someone',
      opsetImport: [{ version: 13n }],
      graph: {
        name: 'theirs',
        input: [{ name: 'x' }],
        initializer: [{ name: 'one', dims: [1n], dataType: 1, rawData: new Uint8Array(Float32Array.of(1).buffer) }],
        node: [
          { opType: 'Add', input: ['x', 'one'], output: ['inner'] },
          { opType: 'Dropout', input: ['inner'], output: ['y', ''] },
        ],
        output: [{ name: 'y' }],
        valueInfo: [{ name: 'inner' }],
      },
    });

  function around(model = published()): Uint8Array {
    const graph = createGraphBuilder('ours');
    graph.cast(graph.input('bytes', 'UINT8', ['n', 2]), 'FP32', 'x');
    const [y = ''] = graph.include(model);
    graph.output(graph.node('Mul', [y, y], {}, 'squares'), 'FP32', ['n', 2]);
    return graph.build();
  }

  it('runs between the nodes before and after it', async () => {
    const outputs = await runOnnx(around(), { name: 'bytes', shape: [2, 2], data: Uint8Array.of(0, 1, 2, 3) });
    expect(outputs.get('squares')).toEqual({ shape: [2, 2], data: Float32Array.of(1, 4, 9, 16) });
  });

  it('keeps its operator set, its IR version and its producer, and drops the shapes noted for inner tensors', () => {
    const model = fromBinary(ModelProtoSchema, around());
    expect(model).toMatchObject({ irVersion: 7n, producerName: 'someone', opsetImport: [{ version: 13n }] });
    expect(model.graph).toMatchObject({ name: 'ours', valueInfo: [], input: [{ name: 'bytes' }] });
  });

  it('keeps what the subset of the format does not name, at every level', () => {
    const model = published();
    const { graph } = model;
    const holders = [model, graph, graph?.node[0], graph?.initializer[0]];
    for (const [i, holder] of holders.entries()) {
      Object.assign(holder ?? {}, { $unknown: [{ no: 900 + i, wireType: 0, data: Uint8Array.of(i + 1) }] });
    }
    const copy = fromBinary(ModelProtoSchema, around(fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, model))));
    const add = copy.graph?.node.find(node => node.opType === 'Add');
    const copies = [copy, copy.graph, add, copy.graph?.initializer[0]];
    expect(copies.map(each => each?.$unknown?.map(({ no, data }) => [no, ...data]))).toEqual([
      [[900, 1]],
      [[901, 2]],
      [[902, 3]],
      [[903, 4]],
    ]);
  });

  it('leaves the model that was handed over as it was', () => {
    const model = published();
    around(model);
    expect(model).toEqual(published());
  });

  it('refuses a model whose input nothing has made, names that meet, and a second model', () => {
    const graph = createGraphBuilder('wrong');
    expect(() => graph.include(published())).toThrow("tensor 'x': expected one that exists");
    const meeting = createGraphBuilder('wrong');
    meeting.input('x', 'FP32', [2]);
    meeting.constant('inner', [1], Float32Array.of(1));
    expect(() => meeting.include(published())).toThrow("tensor 'inner': expected a new name");
    const twice = createGraphBuilder('wrong');
    twice.input('x', 'FP32', [2]);
    twice.include(published());
    expect(() => twice.include(published())).toThrow('expected one model to include, got a second');
  });
});
