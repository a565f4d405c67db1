import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import type { Token } from './tokenize.ts';

export type Scalar = number | bigint | boolean | string | Uint8Array;

/** A value before its type is known: a word or number with its sign, or the bytes of one or more strings in a row. */
export type RawValue =
  | { readonly kind: 'word' | 'number'; readonly text: string; readonly negative: boolean; readonly token: Token }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly token: Token };

/** The value, or what was expected instead. */
export type ScalarResult = { readonly value: Scalar } | { readonly expected: string };

const trueWords = new Set(['true', 'True', 't', '1']);
const falseWords = new Set(['false', 'False', 'f', '0']);

/** Inclusive bounds of the integer types. */
const integerBounds: Partial<Record<ScalarType, readonly [bigint, bigint]>> = {
  [ScalarType.INT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SINT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SFIXED32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.UINT32]: [0n, 2n ** 32n - 1n],
  [ScalarType.FIXED32]: [0n, 2n ** 32n - 1n],
  [ScalarType.INT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SINT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SFIXED64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.UINT64]: [0n, 2n ** 64n - 1n],
  [ScalarType.FIXED64]: [0n, 2n ** 64n - 1n],
};

/** Reads a value as the field's type, in the form protobuf-es keeps it: 64-bit integers are bigint. */
export function scalarValue(type: ScalarType, raw: RawValue): ScalarResult {
  if (type === ScalarType.STRING || type === ScalarType.BYTES) return text(type, raw);
  if (raw.kind === 'string') return { expected: `a value of type ${ScalarType[type].toLowerCase()}` };
  if (type === ScalarType.BOOL) return bool(raw);
  if (type === ScalarType.FLOAT || type === ScalarType.DOUBLE) return float(type, raw);
  const [low, high] = integerBounds[type] ?? [0n, 0n];
  const integer = parseInteger(raw);
  if (integer === undefined || integer < low || integer > high) return { expected: `an integer in [${low}, ${high}]` };
  return { value: high > 2n ** 32n ? integer : Number(integer) };
}

/** An enum's number from the name of one of its values, or from a number that one of them has. */
export function enumValue(descriptor: DescEnum, raw: RawValue): ScalarResult {
  const names = descriptor.values.map(value => value.name);
  if (raw.kind === 'word' && !raw.negative) {
    const named = descriptor.values.find(value => value.name === raw.text);
    if (named !== undefined) return { value: named.number };
  }
  const number = raw.kind === 'number' ? parseInteger(raw) : undefined;
  const numbered = descriptor.values.find(value => BigInt(value.number) === number);
  return numbered === undefined ? { expected: `one of ${names.join(', ')}` } : { value: numbered.number };
}

function text(type: ScalarType, raw: RawValue): ScalarResult {
  if (raw.kind !== 'string') return { expected: 'a string in quotes' };
  if (type === ScalarType.BYTES) return { value: raw.bytes };
  try {
    return { value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw.bytes) };
  } catch {
    return { expected: 'a string of valid UTF-8' };
  }
}

function bool(raw: Exclude<RawValue, { kind: 'string' }>): ScalarResult {
  if (!raw.negative && trueWords.has(raw.text)) return { value: true };
  if (!raw.negative && falseWords.has(raw.text)) return { value: false };
  return { expected: 'true or false' };
}

function float(type: ScalarType, raw: Exclude<RawValue, { kind: 'string' }>): ScalarResult {
  const magnitude = parseFloatText(raw);
  if (magnitude === undefined) return { expected: 'a number' };
  const value = raw.negative ? -magnitude : magnitude;
  // A float that overflows its type becomes infinite, as in protobuf's own parsers.
  return { value: type === ScalarType.FLOAT ? Math.fround(value) : value };
}

function parseFloatText(raw: Exclude<RawValue, { kind: 'string' }>): number | undefined {
  if (raw.kind === 'number') {
    if (/^0[xX]|^0\d/.test(raw.text)) return undefined;
    return Number(raw.text.replace(/[fF]$/, ''));
  }
  if (/^(?:inf|infinity)f?$/i.test(raw.text)) return Number.POSITIVE_INFINITY;
  return /^nan$/i.test(raw.text) ? Number.NaN : undefined;
}

function parseInteger(raw: Exclude<RawValue, { kind: 'string' }>): bigint | undefined {
  if (raw.kind !== 'number') return undefined;
  const octal = /^0[0-7]+$/.test(raw.text);
  if (!octal && !/^(?:0[xX][0-9a-fA-F]+|0|[1-9]\d*)$/.test(raw.text)) return undefined;
  const magnitude = BigInt(octal ? `0o${raw.text.slice(1)}` : raw.text.replace('X', 'x'));
  return raw.negative ? -magnitude : magnitude;
}
