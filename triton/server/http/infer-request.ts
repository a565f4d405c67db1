import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type InferParameterSchema,
  type ModelInferRequest,
  type ModelInferRequest_InferInputTensorSchema,
  type ModelInferRequest_InferRequestedOutputTensorSchema,
  ModelInferRequestSchema,
} from '../../../proto/gen/grpc_service_pb.ts';
import { StatusError } from '../status-error.ts';
import { asArray, asBoolean, asObject, asSpan, asString, asUnsigned, findMember, member } from './json/json-value.ts';
import { type JsonValue, parseJson } from './json/parse-json.ts';
import { readJsonData } from './read-json-data.ts';

type Input = MessageInitShape<typeof ModelInferRequest_InferInputTensorSchema>;
type Output = MessageInitShape<typeof ModelInferRequest_InferRequestedOutputTensorSchema>;
type Parameters = Record<string, MessageInitShape<typeof InferParameterSchema>>;

/** Which outputs leave as binary data behind the JSON; the others are in it. */
export type BinaryOutputs = (name: string) => boolean;

export type ParsedInferRequest = { readonly request: ModelInferRequest; readonly isBinary: BinaryOutputs };

export type InferBody = {
  readonly model: string;
  readonly version: string;
  /** JSON, and the binary tensors one after the other behind it. */
  readonly bytes: Uint8Array;
  /** Bytes of the JSON. */
  readonly headerLength: number;
  /** That a tensor in JSON may have. */
  readonly maxTensorBytes: number;
};

/** Binary tensors behind the JSON, taken from the front. */
type BinaryData = { next: number; readonly bytes: Uint8Array };

/**
 * The body of `POST …/infer`, by the inference protocol and Triton's binary-data extension, as the message that gRPC receives:
 * binary tensors are views into the body. What is wrong with the body itself is refused in Triton's order and words; what the
 * model's configuration decides is left to the core.
 * @throws StatusError
 */
export function parseInferRequest(body: InferBody): ParsedInferRequest {
  const { model, version, bytes, headerLength } = body;
  const json = parseJson(bytes.subarray(0, headerLength), { spanned: 'data' });
  const id = findMember(json, 'id');
  const head = {
    modelName: model,
    modelVersion: version,
    id: id === undefined ? '' : asString(id, "Unable to parse 'id'"),
  };
  const { parameters, isBinaryByDefault } = readParameters(json);
  const binary = { next: headerLength, bytes };
  const inputs: Input[] = [];
  const rawInputContents: Uint8Array[] = [];
  for (const input of asArray(member(json, 'inputs', "Unable to parse 'inputs'"), "Unable to parse 'inputs'")) {
    const { data, ...tensor } = readInput(input, binary, body);
    inputs.push(tensor);
    rawInputContents.push(data);
  }
  if (binary.next < bytes.length) {
    throw new StatusError('INVALID_ARGUMENT', `unexpected additional input data for model '${model}'`);
  }
  const outputs = readOutputs(json);
  const kinds = new Map(outputs.map(({ name, isBinary }) => [name, isBinary] as const).reverse());
  return {
    request: create(ModelInferRequestSchema, { ...head, parameters, inputs, rawInputContents, outputs }),
    isBinary: name => kinds.get(name) ?? isBinaryByDefault,
  };
}

/** The request's parameters. Those of sequences, priority and timeout have their types here; the core knows what they mean. */
function readParameters(json: JsonValue): { readonly parameters: Parameters; readonly isBinaryByDefault: boolean } {
  const given = findMember(json, 'parameters');
  const entries = given === undefined ? [] : [...asObject(given, 'failed to get request params.')];
  const binary = findMember(given, 'binary_data_output') ?? false;
  return {
    isBinaryByDefault: asBoolean(binary, "Unable to parse 'binary_data_output'"),
    parameters: Object.fromEntries(
      entries
        .filter(([key]) => key !== 'binary_data_output')
        .map(([key, value]) => [key, { parameterChoice: readParameter(key, value, `Unable to parse '${key}'`) }]),
    ),
  };
}

function readParameter(key: string, value: JsonValue, problem: string): Parameters[string]['parameterChoice'] {
  switch (key) {
    case 'sequence_id':
      if (typeof value === 'bigint' && value >= 0n) return { case: 'int64Param', value: BigInt.asIntN(64, value) };
      return { case: 'stringParam', value: asString(value, problem) };
    case 'sequence_start':
    case 'sequence_end':
      return { case: 'boolParam', value: asBoolean(value, problem) };
    case 'priority':
      return { case: 'uint64Param', value: asUnsigned(value, problem) };
    case 'timeout':
      return { case: 'int64Param', value: BigInt.asIntN(64, asUnsigned(value, problem)) };
    default:
      return readCustomParameter(key, value);
  }
}

function readCustomParameter(key: string, value: JsonValue): Parameters[string]['parameterChoice'] {
  if (key.startsWith('triton_')) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      "parameter keys starting with 'triton_' are reserved for Triton usage and should not be specified.",
    );
  }
  if (typeof value === 'string') return { case: 'stringParam', value };
  if (typeof value === 'boolean') return { case: 'boolParam', value };
  if (typeof value === 'number') return { case: 'doubleParam', value };
  if (typeof value === 'bigint') {
    return value < 2n ** 63n ? { case: 'int64Param', value } : { case: 'uint64Param', value };
  }
  throw new StatusError(
    'INVALID_ARGUMENT',
    `parameter '${key}' has invalid type. It should be either 'int', 'bool', or 'string'.`,
  );
}

function readInput(input: JsonValue, binary: BinaryData, body: InferBody): Input & { readonly data: Uint8Array } {
  const given = findMember(input, 'parameters');
  const source = soleSource(input, given);
  const name = asString(member(input, 'name', "Unable to parse 'name'"), "Unable to parse 'name'");
  const datatype = asString(member(input, 'datatype', "Unable to parse 'datatype'"), "Unable to parse 'datatype'");
  const problem = "Unable to parse 'shape'";
  const shape = asArray(member(input, 'shape', problem), problem).map(size =>
    // Triton keeps it signed, too.
    BigInt.asIntN(64, asUnsigned(size, problem)),
  );
  const tensor = { name, datatype, shape };
  if (source === 'shared_memory_region') {
    return { ...tensor, parameters: readSharedMemory(given), data: new Uint8Array() };
  }
  if (source === 'binary_data_size') return { ...tensor, data: takeBinary(name, given, binary, body.model) };
  const count =
    shape.length === 0
      ? 0
      : Number(
          BigInt.asIntN(
            64,
            shape.reduce((product, size) => product * size, 1n),
          ),
        );
  if (count === 0) return { ...tensor, data: new Uint8Array() };
  const span = asSpan(member(input, 'data'), "Unable to parse 'data'");
  return { ...tensor, data: readJsonData(body.bytes, span, { name, datatype, count }, body.maxTensorBytes) };
}

type Source = 'data' | 'binary_data_size' | 'shared_memory_region';

function soleSource(input: JsonValue, parameters: JsonValue | undefined): Source {
  const isSet = {
    data: findMember(input, 'data') !== undefined,
    binary_data_size: findMember(parameters, 'binary_data_size') !== undefined,
    shared_memory_region: findMember(parameters, 'shared_memory_region') !== undefined,
  };
  const set = (Object.keys(isSet) as Source[]).filter(source => isSet[source]);
  const [source] = set;
  if (source !== undefined && set.length === 1) return source;
  const got = set.length === 0 ? ' no field is set' : ` set ${set.map(one => `'${one}'`).join(' ')}`;
  throw new StatusError(
    'INVALID_ARGUMENT',
    `Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But${got}`,
  );
}

function takeBinary(name: string, parameters: JsonValue | undefined, binary: BinaryData, model: string): Uint8Array {
  const given = findMember(parameters, 'binary_data_size') ?? null;
  const size = asUnsigned(given, "Unable to parse 'binary_data_size'");
  const missing = size - BigInt(binary.bytes.length - binary.next);
  if (missing > 0n) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `unexpected size for input '${name}', expecting ${missing} additional bytes for model '${model}'`,
    );
  }
  const begin = binary.next;
  binary.next += Number(size);
  return binary.bytes.subarray(begin, binary.next);
}

/** The region, offset and size of a tensor in shared memory, for the core to look up. */
function readSharedMemory(parameters: JsonValue | undefined): Parameters {
  const text = (key: string): string => asString(findMember(parameters, key) ?? null, `Unable to parse '${key}'`);
  const size = (key: string): bigint => asUnsigned(findMember(parameters, key) ?? 0n, `Unable to parse '${key}'`);
  const integer = (value: bigint) => ({
    parameterChoice: { case: 'int64Param' as const, value: BigInt.asIntN(64, value) },
  });
  const region = text('shared_memory_region');
  return {
    shared_memory_region: { parameterChoice: { case: 'stringParam', value: region } },
    shared_memory_offset: integer(size('shared_memory_offset')),
    shared_memory_byte_size: integer(size('shared_memory_byte_size')),
  };
}

function readOutputs(json: JsonValue): (Output & { readonly name: string; readonly isBinary: boolean })[] {
  const given = findMember(json, 'outputs');
  if (given === undefined) return [];
  return asArray(given, "Unable to parse 'outputs'").map(output => {
    const wanted = findMember(output, 'parameters');
    const has = (key: string): boolean => findMember(wanted, key) !== undefined;
    const isBinary = (problem: string): boolean => asBoolean(findMember(wanted, 'binary_data') ?? false, problem);
    const isShared = has('shared_memory_region');
    if (isShared && has('classification')) throw bothSet('classification');
    if (isShared && isBinary("Unable to set 'binary_data'")) throw bothSet('binary_data');
    const name = asString(member(output, 'name', "Unable to parse 'name'"), "Unable to parse 'name'");
    const classes = asUnsigned(findMember(wanted, 'classification') ?? 0n, "Unable to set 'classification'");
    if (isShared) return { name, parameters: readSharedMemory(wanted), isBinary: false };
    const parameters: Parameters = {};
    if (classes > 0n) {
      parameters.classification = { parameterChoice: { case: 'int64Param', value: BigInt.asIntN(64, classes) } };
    }
    return { name, parameters, isBinary: isBinary("Unable to parse 'binary_data'") };
  });
}

function bothSet(key: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', `Output can't set both 'shared_memory_region' and '${key}'`);
}
