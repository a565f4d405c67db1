import { clone, create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../../proto/gen/onnx_pb.ts';

/** Opset 17 and IR version 8 (ONNX 1.12): old enough for every Triton of the last years, new enough for every operator used. */
const opset = 17n;
const irVersion = 8n;

const elementTypes = { FP32: DataType.FLOAT, UINT8: DataType.UINT8, INT64: DataType.INT64 } as const;

/** The element types of a graph's inputs and outputs, by KServe's names. */
export type ElementType = keyof typeof elementTypes;

/** A dimension: its size, or a name where it is free. */
export type Dimension = number | string;

/** An operator's attribute: an integer, integers, or text. */
export type Attribute = number | readonly number[] | string;

/** Builds one ONNX graph. Tensors are known by their names; each call returns the name of what it made. */
export type GraphBuilder = {
  input(name: string, type: ElementType, shape: readonly Dimension[]): string;
  /** Declares a tensor that a node has made (by this very name) as an output. */
  output(name: string, type: ElementType, shape: readonly Dimension[]): void;
  /** A constant: float32 values, or int64 ones where an operator wants axes or sizes. */
  constant(name: string, shape: readonly number[], values: Float32Array | readonly bigint[]): string;
  /** An operator with one output, called `name` or numbered. Its inputs must exist: nodes are added in the order they run. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    name?: string,
  ): string;
  /** Casts to another element type; the result is called `name` or numbered. */
  cast(input: string, type: ElementType, name?: string): string;
  /**
   * Takes a published model in, once, as it is: nodes, constants and whatever else its file holds. Its inputs are the
   * tensors of the same names that nodes have made by then. Returns the names of its outputs. What is built has its
   * operator set and IR version. Shapes that its exporter noted for inner tensors are dropped: they hold a batch size.
   */
  include(model: ModelProto): readonly string[];
  /** The model's bytes. The same calls give the same bytes. */
  build(): Uint8Array;
};

/**
 * Throws (RangeError) on a name used twice, an input that does not exist, a constant of another size than its shape and a
 * second model to include.
 */
export function createGraphBuilder(graphName: string): GraphBuilder {
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  const constants: TensorProto[] = [];
  const nodes: NodeProto[] = [];
  const names = new Set<string>();
  let included: ModelProto | undefined;

  const claim = (name: string): string => {
    if (names.has(name)) throw new RangeError(`tensor '${name}': expected a new name, got one that exists`);
    names.add(name);
    return name;
  };
  const mustExist = (name: string): string => {
    if (!names.has(name)) throw new RangeError(`tensor '${name}': expected one that exists, got none`);
    return name;
  };

  const builder: GraphBuilder = {
    input(name, type, shape) {
      inputs.push(valueInfo(claim(name), type, shape));
      return name;
    },
    output(name, type, shape) {
      outputs.push(valueInfo(mustExist(name), type, shape));
    },
    constant(name, shape, values) {
      const count = shape.reduce((product, size) => product * size, 1);
      if (values.length !== count) {
        throw new RangeError(`constant '${name}': expected ${count} values, got ${values.length}`);
      }
      constants.push(tensor(claim(name), shape, values));
      return name;
    },
    node(operator, nodeInputs, attributes = {}, name = `${operator}_${nodes.length}`) {
      const attribute = Object.entries(attributes).map(([key, value]) => toAttribute(key, value));
      const input = nodeInputs.map(mustExist);
      nodes.push(create(NodeProtoSchema, { name, opType: operator, input, output: [claim(name)], attribute }));
      return name;
    },
    cast(input, type, name) {
      return builder.node('Cast', [input], { to: elementTypes[type] }, name);
    },
    include(model) {
      if (included !== undefined) throw new RangeError('graph: expected one model to include, got a second');
      included = clone(ModelProtoSchema, model);
      if (included.graph === undefined) throw new RangeError('model to include: expected a graph, got none');
      const { initializer, input, node, output } = included.graph;
      const constantNames = new Set(initializer.map(constant => claim(constant.name)));
      for (const { name } of input) if (!constantNames.has(name)) mustExist(name);
      // An optional output that nobody wants has no name.
      for (const made of node.flatMap(each => each.output)) if (made !== '') claim(made);
      constants.push(...initializer);
      nodes.push(...node);
      return output.map(({ name }) => mustExist(name));
    },
    build() {
      const model = included === undefined ? newModel() : clone(ModelProtoSchema, included);
      model.graph ??= create(GraphProtoSchema);
      const parts = { node: nodes, initializer: constants, input: inputs, output: outputs, valueInfo: [] };
      Object.assign(model.graph, { name: graphName, ...parts });
      return toBinary(ModelProtoSchema, model);
    },
  };
  return builder;
}

function newModel(): ModelProto {
  return create(ModelProtoSchema, { irVersion, producerName: 'face-id', opsetImport: [{ version: opset }] });
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): ValueInfoProto {
  const dim = shape.map(size =>
    typeof size === 'string'
      ? { value: { case: 'dimParam' as const, value: size } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementTypes[type], shape: { dim } } } },
  });
}

function tensor(name: string, shape: readonly number[], values: Float32Array | readonly bigint[]): TensorProto {
  const isFloat = values instanceof Float32Array;
  const array = isFloat ? values : BigInt64Array.from(values);
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: isFloat ? DataType.FLOAT : DataType.INT64,
    // ONNX wants little-endian, as are all platforms that Node runs on with ONNX Runtime.
    rawData: new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  });
}

function toAttribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  }
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}
