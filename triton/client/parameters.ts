import { create } from '@bufbuild/protobuf';
import { type InferParameter, InferParameterSchema } from '../../proto/gen/grpc_service_pb.ts';

/** `bigint`, and `number` where whole, travel as int64 (uint64 beyond its range); other numbers, and `{ double }`, as double. */
export type ParameterValue = boolean | number | bigint | string | { readonly double: number };

export type Parameters = Readonly<Record<string, ParameterValue>>;

/** As they came: int64 and uint64 as bigint, double as number. */
export type AnswerParameters = Readonly<Record<string, boolean | bigint | number | string>>;

/** @throws RangeError for integers that 64 bits do not hold */
export function toInferParameters(parameters: Parameters): Record<string, InferParameter> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      create(InferParameterSchema, { parameterChoice: toChoice(name, value) }),
    ]),
  );
}

export function fromInferParameters(parameters: Readonly<Record<string, InferParameter>>): AnswerParameters {
  const values: Record<string, boolean | bigint | number | string> = {};
  for (const [name, { parameterChoice }] of Object.entries(parameters)) {
    if (parameterChoice.case !== undefined) values[name] = parameterChoice.value;
  }
  return values;
}

function toChoice(
  name: string,
  value: ParameterValue,
): Exclude<InferParameter['parameterChoice'], { case: undefined }> {
  switch (typeof value) {
    case 'boolean':
      return { case: 'boolParam', value };
    case 'string':
      return { case: 'stringParam', value };
    case 'number':
      return Number.isSafeInteger(value)
        ? { case: 'int64Param', value: BigInt(value) }
        : { case: 'doubleParam', value };
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return { case: 'int64Param', value };
      if (BigInt.asUintN(64, value) === value) return { case: 'uint64Param', value };
      throw new RangeError(`parameter '${name}': expected an integer of 64 bits, got ${value}`);
    default:
      return { case: 'doubleParam', value: value.double };
  }
}
