const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '?': 63,
  '\\': 92,
  "'": 39,
  '"': 34,
};

const escapePattern = /\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/y;

/**
 * The bytes of a quoted string without its quotes: C escapes, octal and hexadecimal bytes, `\u` and `\U` code points;
 * everything else as UTF-8.
 * @param fail called with the place in `quoted` and what is wrong there; does not return
 */
export function unescapeString(quoted: string, fail: (at: number, problem: string) => never): Uint8Array {
  if (!quoted.includes('\\')) return new TextEncoder().encode(quoted);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < quoted.length) {
    const next = quoted.indexOf('\\', at);
    const plainEnd = next === -1 ? quoted.length : next;
    parts.push(new TextEncoder().encode(quoted.slice(at, plainEnd)));
    at = plainEnd;
    if (next === -1) break;
    escapePattern.lastIndex = at;
    const [whole = '', octal, hex, short, long, letter] = escapePattern.exec(quoted) ?? [];
    const byte =
      octal !== undefined ? Number.parseInt(octal, 8) : hex !== undefined ? Number.parseInt(hex, 16) : undefined;
    if (byte !== undefined) {
      if (byte > 255) fail(at, `escape ${whole}: expected a byte, got ${byte}`);
      parts.push(Uint8Array.of(byte));
    } else if (short !== undefined || long !== undefined) {
      const codePoint = Number.parseInt(short ?? long ?? '', 16);
      if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
        fail(at, `escape ${whole}: expected a Unicode scalar value`);
      }
      parts.push(new TextEncoder().encode(String.fromCodePoint(codePoint)));
    } else {
      const value = simpleEscapes[letter ?? ''];
      if (value === undefined) fail(at, `unknown escape ${whole || '\\'}`);
      else parts.push(Uint8Array.of(value));
    }
    at += whole.length;
  }
  return Buffer.concat(parts);
}
