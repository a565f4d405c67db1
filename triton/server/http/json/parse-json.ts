import { createJsonCursor, type JsonCursor, type JsonScalar } from './json-cursor.ts';

/** An array that was checked and left where it is: its first and one past its last byte. */
export type JsonSpan = { readonly start: number; readonly end: number };

export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonValue = JsonScalar | readonly JsonValue[] | JsonObject | JsonSpan;

/**
 * JSON as Triton reads it (`json-cursor.ts`), with the first of several members of one name. Arrays under `spanned` become spans:
 * a tensor is read when its datatype is known.
 * @throws StatusError
 */
export function parseJson(bytes: Uint8Array, { spanned }: { readonly spanned?: string } = {}): JsonValue {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const cursor = createJsonCursor(bytes, hasMark ? 3 : 0);
  cursor.begin();
  const value = readValue(cursor, spanned);
  cursor.end();
  return value;
}

function readValue(cursor: JsonCursor, spanned: string | undefined): JsonValue {
  if (cursor.isArray()) {
    const elements: JsonValue[] = [];
    cursor.array(() => elements.push(readValue(cursor, spanned)));
    return elements;
  }
  if (!cursor.isObject()) return cursor.scalar();
  const members = new Map<string, JsonValue>();
  cursor.object(key => {
    const value = key === spanned && cursor.isArray() ? readSpan(cursor) : readValue(cursor, spanned);
    if (!members.has(key)) members.set(key, value);
  });
  return members;
}

function readSpan(cursor: JsonCursor): JsonSpan {
  const start = cursor.position();
  cursor.skipValue();
  return { start, end: cursor.position() };
}
