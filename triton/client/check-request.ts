import { DataType, DataTypeSchema, type ModelConfig } from '../../proto/gen/model_config_pb.ts';
import { nameOf } from './infer-message.ts';
import type { InferRequest, NamedTensor } from './triton-client.ts';

type InputSpec = {
  readonly datatype: string;
  /** Without the batch dimension; −1: any. Null: not told in advance. */
  readonly dims: readonly number[] | null;
  readonly optional: boolean;
};

/** What requests to a model have to look like, from its configuration. */
export type ModelSpec = {
  /** 0: the shapes have no batch dimension. */
  readonly maxBatchSize: number;
  readonly inputs: ReadonlyMap<string, InputSpec>;
  readonly outputs: ReadonlySet<string>;
};

/** Triton fills in what a configuration leaves to the model's file, so that the one it tells is complete. */
export function toModelSpec({ maxBatchSize, input, output }: ModelConfig): ModelSpec {
  return {
    maxBatchSize,
    inputs: new Map(
      input.map(({ name, dataType, dims, optional, isShapeTensor, allowRaggedBatch }) => [
        name,
        {
          datatype: protocolName(dataType),
          dims: isShapeTensor || allowRaggedBatch ? null : dims.map(Number),
          optional,
        },
      ]),
    ),
    outputs: new Set(output.map(({ name }) => name)),
  };
}

/** What the model's server would refuse about a request: names, datatypes, shapes, batch sizes. Undefined: nothing. */
export function problemOf(request: InferRequest, spec: ModelSpec): string | undefined {
  const { inputs, outputs = [] } = request;
  for (const [index, input] of inputs.entries()) {
    const inputSpec = spec.inputs.get(input.name);
    if (inputSpec === undefined) return `input '${input.name}': expected one of [${[...spec.inputs.keys()]}]`;
    if (inputs.findIndex(({ name }) => name === input.name) !== index) return `input '${input.name}': expected once`;
    const problem = inputProblem(input, inputSpec, spec, inputs[0]);
    if (problem !== undefined) return `input '${input.name}': ${problem}`;
  }
  if (inputs.length < spec.inputs.size) {
    for (const [name, { optional }] of spec.inputs) {
      if (!optional && !inputs.some(input => input.name === name)) return `input '${name}': expected, got none`;
    }
  }
  for (const output of outputs) {
    const name = nameOf(output);
    if (!spec.outputs.has(name)) return `output '${name}': expected one of [${[...spec.outputs]}]`;
  }
  return undefined;
}

function inputProblem(
  { datatype, shape }: NamedTensor,
  spec: InputSpec,
  { maxBatchSize }: ModelSpec,
  first: NamedTensor | undefined,
): string | undefined {
  if (datatype !== spec.datatype) return `expected ${spec.datatype}, got ${datatype}`;
  const { dims } = spec;
  if (dims === null) return undefined;
  const batched = maxBatchSize > 0 ? 1 : 0;
  const fits =
    shape.length === dims.length + batched &&
    dims.every((size, axis) => size === -1 || size === shape[axis + batched]) &&
    shape.every(size => size >= 0);
  if (!fits) return `expected shape [${[...(batched ? ['n'] : []), ...dims]}], got [${shape}]`;
  if (!batched) return undefined;
  const [batch = 0] = shape;
  if (batch < 1 || batch > maxBatchSize) return `expected a batch of 1 to ${maxBatchSize}, got ${batch}`;
  if (batch !== first?.shape[0]) return `expected a batch of ${first?.shape[0]} as of '${first?.name}', got ${batch}`;
  return undefined;
}

function protocolName(type: DataType): string {
  return type === DataType.TYPE_STRING ? 'BYTES' : (DataTypeSchema.value[type]?.name.replace('TYPE_', '') ?? 'INVALID');
}
