import { StatusError } from '../../status-error.ts';
import type { JsonObject, JsonSpan, JsonValue } from './parse-json.ts';

/**
 * Values of a request's JSON as the type that is expected, with Triton's words and status where they are of another. `problem` is
 * what Triton says before them: "Unable to parse 'shape'".
 */
export function asString(value: JsonValue, problem?: string): string {
  return typeof value === 'string' ? value : fail('attempt to access JSON non-string as string', problem);
}

export function asBoolean(value: JsonValue, problem?: string): boolean {
  return typeof value === 'boolean' ? value : fail('attempt to access JSON non-boolean as boolean', problem);
}

/** An integer from 0 to 2^64 - 1. */
export function asUnsigned(value: JsonValue, problem?: string): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value;
  return fail('attempt to access JSON non-unsigned-integer as unsigned-integer', problem);
}

export function asArray(value: JsonValue, problem?: string): readonly JsonValue[] {
  return Array.isArray(value) ? value : fail('attempt to access JSON non-array as array', problem);
}

export function asSpan(value: JsonValue, problem?: string): JsonSpan {
  return isSpan(value) ? value : fail('attempt to access JSON non-array as array', problem);
}

export function asObject(value: JsonValue, problem?: string): JsonObject {
  return value instanceof Map ? value : fail('attempt to get members for non-object', problem);
}

/** undefined where there is none, also when the value is no object. */
export function findMember(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return value instanceof Map ? value.get(name) : undefined;
}

export function member(value: JsonValue, name: string, problem?: string): JsonValue {
  const found = findMember(value, name);
  return found === undefined ? fail(`attempt to access non-existing object member '${name}'`, problem) : found;
}

function isSpan(value: JsonValue): value is JsonSpan {
  return typeof value === 'object' && value !== null && 'start' in value;
}

function fail(text: string, problem: string | undefined): never {
  throw new StatusError('INTERNAL', problem === undefined ? text : `${problem}: ${text}`);
}
