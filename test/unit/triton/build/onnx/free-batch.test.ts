import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  type ModelProto,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
} from '../../../../../proto/gen/onnx_pb.ts';
import { freeBatch } from '../../../../../triton/build/onnx/free-batch.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Tensor = MessageInitShape<typeof TensorProtoSchema>;

const raw = (...sizes: bigint[]): Uint8Array => new Uint8Array(BigInt64Array.from(sizes).buffer);
const reshape: Node = { opType: 'Reshape', name: 'r', input: ['x', 'shape'], output: ['y'] };
const constant = (t: Tensor): Node => ({ opType: 'Constant', output: ['shape'], attribute: [{ name: 'value', t }] });
const modelOf = (node: Node[], initializer: Tensor[] = []): ModelProto =>
  create(ModelProtoSchema, { graph: { node, initializer } });

describe('freeBatch', () => {
  it('makes a baked batch of 1 the batch of the input, in a node and in an initialiser', () => {
    const inNode = modelOf([constant({ dims: [2n], rawData: raw(1n, -1n) }), reshape]);
    freeBatch(inNode);
    expect(inNode.graph?.node[0]?.attribute[0]?.t?.rawData).toEqual(raw(0n, -1n));
    const initialised = modelOf([reshape], [{ name: 'shape', dims: [3n], rawData: raw(1n, 8n, 2n) }]);
    freeBatch(initialised);
    expect(initialised.graph?.initializer[0]?.rawData).toEqual(raw(0n, 8n, 2n));
  });

  it('reads sizes at any offset of the file, and sizes that are stored as numbers', () => {
    const file = Uint8Array.of(9, ...raw(1n, -1n));
    const view = modelOf([reshape], [{ name: 'shape', rawData: file.subarray(1) }]);
    freeBatch(view);
    expect(view.graph?.initializer[0]?.rawData).toEqual(raw(0n, -1n));
    const numbers = modelOf([reshape], [{ name: 'shape', int64Data: [1n, -1n] }]);
    freeBatch(numbers);
    expect(numbers.graph?.initializer[0]).toMatchObject({ rawData: raw(0n, -1n), int64Data: [] });
  });

  it('leaves other shapes, and other constants, alone', () => {
    const shapes = [raw(-1n, 8n), raw(0n, -1n), raw(), raw(2n, 1n)];
    for (const rawData of shapes) {
      const model = modelOf([reshape], [{ name: 'shape', rawData }]);
      freeBatch(model);
      expect(model.graph?.initializer[0]?.rawData).toEqual(rawData);
    }
    const axes = modelOf([], [{ name: 'axes', rawData: raw(1n) }]);
    freeBatch(axes);
    expect(axes.graph?.initializer[0]?.rawData).toEqual(raw(1n));
  });

  it('refuses what it cannot tell: a computed shape, and one where 0 is a size', () => {
    expect(() => freeBatch(modelOf([reshape]))).toThrow(
      new WeightsError("node 'r' (Reshape): expected a constant shape, got one that is computed"),
    );
    const literal = { ...reshape, attribute: [{ name: 'allowzero', i: 1n }] };
    expect(() => freeBatch(modelOf([literal], [{ name: 'shape', rawData: raw(1n, -1n) }]))).toThrow(
      "node 'r' (Reshape): expected allowzero 0, got 1",
    );
  });
});
