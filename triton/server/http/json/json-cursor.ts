import { StatusError } from '../../status-error.ts';
import { skipString, unescapeString } from './json-string.ts';

/** Arrays and objects inside one another; a reader that calls itself for each must end before its stack does. */
const maxDepth = 500;

const ascii = {
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  I: 0x49,
  N: 0x4e,
  openArray: 0x5b,
  closeArray: 0x5d,
  e: 0x65,
  f: 0x66,
  i: 0x69,
  n: 0x6e,
  t: 0x74,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

const isDigit = (byte: number): boolean => byte >= ascii.zero && byte <= ascii.nine;

/** Everything in JSON that is neither array nor object. An integer of 64 bits is a bigint, any other number a number. */
export type JsonScalar = null | boolean | string | number | bigint;

/** Reads JSON from its bytes, left to right. Every function but the questions moves on. */
export type JsonCursor = {
  position(): number;
  /** Whether such a value begins here. */
  isArray(): boolean;
  isObject(): boolean;
  isString(): boolean;
  isNumber(): boolean;
  isBoolean(): boolean;
  /** Calls `element` at the begin of each; it has to take the value. */
  array(element: () => void): void;
  /** Calls `member` at the begin of each value. */
  object(member: (key: string) => void): void;
  /**
   * Takes a number of JSON or C++'s `NaN`, `Inf` or `Infinity`; true when it is written as an integer and fits 64 bits, signed or
   * unsigned. `number` and `integer` convert it.
   */
  scanNumber(): boolean;
  number(): number;
  integer(): bigint;
  boolean(): boolean;
  /** A string in UTF-8, as a view where it has no escapes. */
  stringBytes(): Uint8Array;
  scalar(): JsonScalar;
  skipValue(): void;
  /** To the first value of the document. */
  begin(): void;
  /** Nothing but blanks may follow. */
  end(): void;
};

/**
 * A cursor over JSON as Triton reads it: by rapidjson with NaN and infinities, which tells 1 from 1.0, keeps all 64 bits of an
 * integer and does not look at the encoding of strings. `JSON.parse` does none of that, and makes an array of every tensor.
 * What it refuses are StatusErrors with rapidjson's texts and offsets.
 */
export function createJsonCursor(bytes: Uint8Array, start = 0): JsonCursor {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  let depth = 0;
  let numberStart = start;
  let mantissa = 0;
  /** What a number of few digits and no exponent is; NaN for any other. */
  let shortNumber = Number.NaN;

  /** 0 at the end. */
  const peek = (): number => bytes[at] ?? 0;

  function fail(problem: string, offset = at): never {
    throw new StatusError('INTERNAL', `failed to parse the request JSON buffer: ${problem} at ${offset}`);
  }

  function skipBlanks(): void {
    for (let byte = peek(); byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = peek()) at += 1;
  }

  function items(close: number, unclosed: string, item: () => void): void {
    depth += 1;
    if (depth > maxDepth) fail(`Nested deeper than ${maxDepth} levels.`);
    at += 1;
    skipBlanks();
    if (peek() !== close) {
      for (;;) {
        item();
        skipBlanks();
        if (peek() !== ascii.comma) break;
        at += 1;
        skipBlanks();
      }
      if (peek() !== close) fail(unclosed);
    }
    at += 1;
    depth -= 1;
  }

  function array(element: () => void): void {
    items(ascii.closeArray, "Missing a comma or ']' after an array element.", element);
  }

  function object(member: (key: string) => void): void {
    items(ascii.closeObject, "Missing a comma or '}' after an object member.", () => {
      if (peek() !== ascii.quote) fail('Missing a name for object member.');
      const key = utf8(stringBytes());
      skipBlanks();
      if (peek() !== ascii.colon) fail('Missing a colon after a name of object member.');
      at += 1;
      skipBlanks();
      member(key);
    });
  }

  function word(letters: string): void {
    for (let index = 0; index < letters.length; index++) {
      if (peek() !== letters.charCodeAt(index)) fail('Invalid value.');
      at += 1;
    }
  }

  /** At least one, which all go into `mantissa`. */
  function digits(missing: string): void {
    if (!isDigit(peek())) fail(missing);
    for (; isDigit(peek()); at += 1) mantissa = mantissa * 10 + (peek() - ascii.zero);
  }

  function scanNumber(): boolean {
    numberStart = at;
    shortNumber = Number.NaN;
    mantissa = 0;
    const isNegative = peek() === ascii.minus;
    if (isNegative) at += 1;
    const first = peek();
    if (first === ascii.N || first === ascii.I) {
      word(first === ascii.N ? 'NaN' : 'Inf');
      if (first === ascii.I && peek() === ascii.i) word('inity');
      return false;
    }
    // Nothing follows a leading zero.
    if (first === ascii.zero) at += 1;
    else digits('Invalid value.');
    const wholeEnd = at;
    if (peek() === ascii.dot) {
      at += 1;
      digits('Miss fraction part in number.');
    }
    const fractionDigits = Math.max(0, at - wholeEnd - 1);
    const hasExponent = (peek() | 0x20) === ascii.e;
    if (hasExponent) {
      at += 1;
      if (peek() === ascii.plus || peek() === ascii.minus) at += 1;
      digits('Miss exponent in number.');
    }
    const length = at - numberStart;
    const isWhole = at === wholeEnd;
    if (!hasExponent && length < 16) {
      // Both are exact, so the quotient is the nearest double (Clinger, 1990). An integer has no -0.
      const value = mantissa / 10 ** fractionDigits;
      shortNumber = isNegative ? (isWhole ? 0 - value : -value) : value;
      return isWhole;
    }
    if (isWhole && length < 19) return true;
    const mayOverflow = hasExponent || length > 308;
    if (mayOverflow && !Number.isFinite(number())) fail('Number too big to be stored in double.', numberStart);
    if (!isWhole || length > 20) return false;
    const value = integer();
    return value >= -(2n ** 63n) && value < 2n ** 64n;
  }

  function number(): number {
    if (!Number.isNaN(shortNumber)) return shortNumber;
    const written = text.toString('latin1', numberStart, at);
    const value = Number(written);
    if (!Number.isNaN(value) || written.endsWith('N')) return value;
    return written.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  const integer = (): bigint => BigInt(text.toString('latin1', numberStart, at));

  function boolean(): boolean {
    const value = peek() === ascii.t;
    word(value ? 'true' : 'false');
    return value;
  }

  function stringBytes(): Uint8Array {
    const from = at + 1;
    skipText();
    return unescapeString(bytes.subarray(from, at - 1));
  }

  function skipText(): void {
    at = skipString(bytes, at, fail);
  }

  function scalar(): JsonScalar {
    const byte = peek();
    if (byte === ascii.quote) return utf8(stringBytes());
    if (byte === ascii.t || byte === ascii.f) return boolean();
    if (byte !== ascii.n) return scanNumber() ? integer() : number();
    word('null');
    return null;
  }

  function skipValue(): void {
    const byte = peek();
    if (byte === ascii.openArray) array(skipValue);
    else if (byte === ascii.openObject) object(skipValue);
    else if (byte === ascii.quote) skipText();
    else if (byte === ascii.t || byte === ascii.f || byte === ascii.n) scalar();
    else scanNumber();
  }

  function begin(): void {
    skipBlanks();
    if (peek() === 0) fail('The document is empty.');
  }

  function end(): void {
    skipBlanks();
    if (peek() !== 0) fail('The document root must not be followed by other values.');
  }

  return {
    position: () => at,
    isArray: () => peek() === ascii.openArray,
    isObject: () => peek() === ascii.openObject,
    isString: () => peek() === ascii.quote,
    isNumber() {
      const byte = peek();
      return isDigit(byte) || byte === ascii.minus || byte === ascii.N || byte === ascii.I;
    },
    isBoolean: () => peek() === ascii.t || peek() === ascii.f,
    array,
    object,
    scanNumber,
    number,
    integer,
    boolean,
    stringBytes,
    scalar,
    skipValue,
    begin,
    end,
  };
}

const utf8 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
