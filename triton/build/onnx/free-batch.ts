import type { ModelProto, NodeProto, TensorProto } from '../../../proto/gen/onnx_pb.ts';
import { WeightsError } from '../weights/weights-error.ts';

/**
 * Undoes what an exporter bakes in when it traces a model with one image: a Reshape to [1, …], which makes one long row of
 * a larger batch and reports no error. Such a shape becomes [0, …], ONNX's word for "as in the input". The model is changed
 * in place.
 *
 * Throws a WeightsError where a Reshape computes its shape or reads 0 as a size (`allowzero`): whether a batch is baked in
 * there cannot be told from the file.
 */
export function freeBatch(model: ModelProto): void {
  const nodes = model.graph?.node ?? [];
  const constants = new Map<string, TensorProto>();
  for (const tensor of model.graph?.initializer ?? []) constants.set(tensor.name, tensor);
  for (const node of nodes) {
    const [output] = node.output;
    const value = attributeOf(node, 'value')?.t;
    if (node.opType === 'Constant' && output !== undefined && value !== undefined) constants.set(output, value);
  }
  for (const node of nodes) if (node.opType === 'Reshape') freeShape(node, constants);
}

function freeShape(node: NodeProto, constants: ReadonlyMap<string, TensorProto>): void {
  const where = `node '${node.name}' (Reshape)`;
  const tensor = constants.get(node.input[1] ?? '');
  if (tensor === undefined) throw new WeightsError(`${where}: expected a constant shape, got one that is computed`);
  if (attributeOf(node, 'allowzero')?.i === 1n) throw new WeightsError(`${where}: expected allowzero 0, got 1`);
  const sizes = readSizes(tensor);
  if (sizes[0] !== 1n) return;
  sizes[0] = 0n;
  tensor.int64Data = [];
  tensor.rawData = new Uint8Array(BigInt64Array.from(sizes).buffer);
}

/** An int64 tensor holds its values as bytes or as numbers. The bytes may lie at any offset. */
function readSizes({ rawData, int64Data }: TensorProto): bigint[] {
  if (rawData.length === 0) return [...int64Data];
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length: rawData.length / 8 }, (_, i) => view.getBigInt64(8 * i, true));
}

function attributeOf(node: NodeProto, name: string): NodeProto['attribute'][number] | undefined {
  return node.attribute.find(attribute => attribute.name === name);
}
