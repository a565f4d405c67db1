const quote = 0x22;
const backslash = 0x5c;
const u = 0x75;

/** Ends the reading, with rapidjson's words for the problem and where it is. */
export type JsonFailure = (problem: string, offset: number) => never;

/** From a string's opening quotation mark to behind its closing one; its escapes are checked. */
export function skipString(bytes: Uint8Array, start: number, fail: JsonFailure): number {
  let at = start + 1;
  for (let byte = bytes[at]; byte !== quote; byte = bytes[at]) {
    if (byte === undefined || byte === 0) return fail('Missing a closing quotation mark in string.', at);
    if (byte < 0x20) return fail('Invalid escape character in string.', at);
    at = byte === backslash ? skipEscape(bytes, at, fail) : at + 1;
  }
  return at + 1;
}

function skipEscape(bytes: Uint8Array, start: number, fail: JsonFailure): number {
  const kind = bytes[start + 1] ?? 0;
  if (kind !== u) {
    if (kind === 0 || !'"\\/bfnrt'.includes(String.fromCharCode(kind)))
      fail('Invalid escape character in string.', start);
    return start + 2;
  }
  const end = start + 6;
  const isHigh = utf16Unit(bytes, start + 2, start, fail) >> 10 === 0xd800 >> 10;
  if (!isHigh) return end;
  const isPair =
    bytes[end] === backslash && bytes[end + 1] === u && utf16Unit(bytes, end + 2, start, fail) >> 10 === 0xdc00 >> 10;
  return isPair ? end + 6 : fail('The surrogate pair in string is invalid.', start);
}

/** The four hexadecimal digits of an escape that begins at `begin`. */
function utf16Unit(bytes: Uint8Array, start: number, begin: number, fail: JsonFailure): number {
  const digits = String.fromCharCode(...bytes.subarray(start, start + 4));
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail('Incorrect hex digit after \\u escape in string.', begin);
  return Number.parseInt(digits, 16);
}

/**
 * What stands between the quotation marks of a checked string, in UTF-8: a view where there are no escapes. Latin-1 keeps the bytes
 * that belong to none as they are.
 */
export function unescapeString(raw: Uint8Array): Uint8Array {
  if (!raw.includes(backslash)) return raw;
  const parts = Buffer.from(raw)
    .toString('latin1')
    .split(/((?:\\u[0-9a-fA-F]{4})+|\\[^u])/);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0 ? Buffer.from(part, 'latin1') : Buffer.from(JSON.parse(`"${part}"`), 'utf8'),
    ),
  );
}
