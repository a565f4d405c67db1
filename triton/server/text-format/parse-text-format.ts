import { create, type DescField, type DescMessage, type MessageShape, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { enumValue, type RawValue, type Scalar, type ScalarResult, scalarValue } from './scalar-value.ts';
import { TextFormatError } from './text-format-error.ts';
import { type Token, tokenize } from './tokenize.ts';

export type TextFormatOptions = {
  /** Messages inside messages; more are refused. */
  readonly maxDepth?: number;
};

type MapField = DescField & { readonly fieldKind: 'map' };
type ElementField = DescField & { readonly fieldKind: 'scalar' | 'enum' | 'message' | 'list' };

/**
 * Reads a message in protobuf's text format, as `config.pbtxt` holds one: comments, nested messages in `{}` or `<>`, the
 * colon before them left out or not, lists in `[]`, repeated fields, maps, enums by name or number, strings in either
 * quote with escapes and joined when adjacent, `;` and `,` between fields. Extensions and Any are not read.
 * @throws TextFormatError with line and column: an unknown field, a singular field or a oneof set twice, a value of the wrong
 * type or out of range, nesting deeper than `maxDepth` (64)
 */
export function parseTextFormat<Desc extends DescMessage>(
  descriptor: Desc,
  text: string,
  { maxDepth = 64 }: TextFormatOptions = {},
): MessageShape<Desc> {
  const tokens = tokenize(text);
  let current = nextToken();
  const message = create(descriptor);
  readFields(reflect(descriptor, message), 'end', 0);
  return message;

  function nextToken(): Token {
    const { value } = tokens.next();
    return value ?? { kind: 'end', text: 'the end of the text', offset: text.length };
  }

  function take(): Token {
    const taken = current;
    current = nextToken();
    return taken;
  }

  function isMark(mark: string): boolean {
    return current.kind === 'mark' && current.text === mark;
  }

  function skip(mark: string): boolean {
    if (!isMark(mark)) return false;
    take();
    return true;
  }

  function fail(at: Token, problem: string): never {
    throw new TextFormatError(text, at.offset, problem);
  }

  /** Fields until the closing mark, which is taken; `end` for the outermost message. */
  function readFields(message: ReflectMessage, close: string, depth: number): void {
    const set = new Map<string, string>();
    for (;;) {
      if (close === 'end' ? current.kind === 'end' : skip(close)) return;
      const name = take();
      if (name.kind !== 'word') fail(name, `expected a field of ${message.desc.typeName}, got ${name.text}`);
      const field = message.fields.find(candidate => candidate.name === name.text);
      if (field === undefined) fail(name, `${message.desc.typeName} has no field '${name.text}'`);
      refuseSecond(set, field, name);
      readField(message, field, name, depth);
      if (!skip(';')) skip(',');
    }
  }

  function refuseSecond(set: Map<string, string>, field: DescField, name: Token): void {
    if (field.fieldKind === 'list' || field.fieldKind === 'map') return;
    const group = field.oneof?.name ?? field.name;
    const earlier = set.get(group);
    if (earlier === field.name) fail(name, `field '${field.name}' is set twice`);
    if (earlier !== undefined) fail(name, `field '${field.name}' excludes '${earlier}', which is set already`);
    set.set(group, field.name);
  }

  function readField(message: ReflectMessage, field: DescField, name: Token, depth: number): void {
    const hasColon = skip(':');
    const isMessage = field.fieldKind === 'map' || field.message !== undefined;
    const isRepeated = field.fieldKind === 'list' || field.fieldKind === 'map';
    if (!hasColon && !isMessage) fail(current, `field '${name.text}': expected ':', got ${current.text}`);
    if (!isRepeated || !skip('[')) {
      readElement(message, field, depth);
      return;
    }
    if (skip(']')) return;
    do readElement(message, field, depth);
    while (skip(','));
    if (!skip(']')) fail(current, `field '${name.text}': expected ',' or ']', got ${current.text}`);
  }

  function readElement(message: ReflectMessage, field: DescField, depth: number): void {
    if (field.fieldKind === 'map') readMapEntry(message, field, depth);
    else if (field.fieldKind === 'list') message.get(field).add(readValue(field, depth));
    else message.set(field, readValue(field, depth));
  }

  function readValue(field: ElementField, depth: number): Scalar | ReflectMessage {
    if (field.message !== undefined) return readMessage(field.message, depth);
    const raw = readRaw();
    return checked(field.name, raw, field.enum ? enumValue(field.enum, raw) : scalarValue(field.scalar, raw));
  }

  function readMessage(messageType: DescMessage, depth: number): ReflectMessage {
    const close = takeOpening(messageType.typeName, depth);
    const message = reflect(messageType);
    readFields(message, close, depth + 1);
    return message;
  }

  /** The mark that will close what is opened here. */
  function takeOpening(what: string, depth: number): string {
    const open = take();
    if (open.kind !== 'mark' || (open.text !== '{' && open.text !== '<')) {
      return fail(open, `expected '{' of ${what}, got ${open.text}`);
    }
    if (depth >= maxDepth) fail(open, `expected at most ${maxDepth} messages inside each other`);
    return open.text === '{' ? '}' : '>';
  }

  function readMapEntry(message: ReflectMessage, field: MapField, depth: number): void {
    const close = takeOpening(`an entry of '${field.name}'`, depth);
    let key: Scalar | undefined;
    let value: Scalar | ReflectMessage | undefined;
    while (!skip(close)) {
      const part = take();
      const hasColon = skip(':');
      if (part.text === 'key' && key === undefined && hasColon) {
        const raw = readRaw();
        key = checked('key', raw, scalarValue(field.mapKey, raw));
      } else if (part.text === 'value' && value === undefined && (hasColon || field.message !== undefined)) {
        value = readMapValue(field, depth + 1);
      } else fail(part, `entry of '${field.name}': expected key and value once each, got ${part.text}`);
      if (!skip(';')) skip(',');
    }
    message.get(field).set(mapKey(key ?? emptyScalar(field.mapKey)), value ?? emptyMapValue(field));
  }

  function readMapValue(field: MapField, depth: number): Scalar | ReflectMessage {
    if (field.message !== undefined) return readMessage(field.message, depth);
    const raw = readRaw();
    return checked('value', raw, field.enum ? enumValue(field.enum, raw) : scalarValue(field.scalar, raw));
  }

  function readRaw(): RawValue {
    const negative = skip('-');
    const token = take();
    if (token.kind === 'word' || token.kind === 'number')
      return { kind: token.kind, text: token.text, negative, token };
    if (token.kind !== 'string' || negative) return fail(token, `expected a value, got ${token.text}`);
    const parts = [token.bytes];
    while (current.kind === 'string') {
      parts.push(current.bytes);
      take();
    }
    return { kind: 'string', bytes: Buffer.concat(parts), token };
  }

  function checked(name: string, raw: RawValue, result: ScalarResult): Scalar {
    if ('value' in result) return result.value;
    const sign = raw.kind !== 'string' && raw.negative ? '-' : '';
    return fail(raw.token, `field '${name}': expected ${result.expected}, got ${sign}${raw.token.text}`);
  }
}

function mapKey(key: Scalar): string | number | bigint | boolean {
  if (key instanceof Uint8Array) throw new TypeError('map key: expected no bytes');
  return key;
}

function emptyMapValue(field: MapField): Scalar | ReflectMessage {
  if (field.message !== undefined) return reflect(field.message);
  return field.enum ? (field.enum.values[0]?.number ?? 0) : emptyScalar(field.scalar);
}

function emptyScalar(type: ScalarType): Scalar {
  if (type === ScalarType.STRING) return '';
  if (type === ScalarType.BYTES) return new Uint8Array();
  if (type === ScalarType.BOOL) return false;
  const isLong = [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64];
  return isLong.includes(type) ? 0n : 0;
}
