import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType,
  type ValueInfoProtoSchema,
} from '../../../proto/gen/onnx_pb.ts';

export { TensorProto_DataType as ElementType };

export type GraphValue = {
  readonly name: string;
  readonly type: TensorProto_DataType;
  /** A number is a fixed dimension, a string a symbolic one. */
  readonly dims: readonly (number | string)[];
};

export type GraphNode = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints?: Readonly<Record<string, readonly number[]>>;
  readonly int?: Readonly<Record<string, number>>;
};

/** A small ONNX file: no weights, opset 11. */
export function onnxModel(
  inputs: readonly GraphValue[],
  outputs: readonly GraphValue[],
  nodes: readonly GraphNode[],
): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 11n }],
    graph: { name: 'fixture', input: inputs.map(value), output: outputs.map(value), node: nodes.map(node) },
  });
  return toBinary(ModelProtoSchema, model);
}

function value({ name, type, dims }: GraphValue): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = dims.map(dimension =>
    typeof dimension === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(dimension) } }
      : { value: { case: 'dimParam' as const, value: dimension } },
  );
  return { name, type: { value: { case: 'tensorType', value: { elemType: type, shape: { dim } } } } };
}

function node({ op, inputs, outputs, ints = {}, int = {} }: GraphNode): MessageInitShape<typeof NodeProtoSchema> {
  const attribute: MessageInitShape<typeof AttributeProtoSchema>[] = [
    ...Object.entries(ints).map(([name, values]) => ({
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: values.map(BigInt),
    })),
    ...Object.entries(int).map(([name, number]) => ({
      name,
      type: AttributeProto_AttributeType.INT,
      i: BigInt(number),
    })),
  ];
  return { opType: op, name: `${op}_${outputs.join('_')}`, input: [...inputs], output: [...outputs], attribute };
}
