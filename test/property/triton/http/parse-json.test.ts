import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type JsonValue, parseJson } from '../../../../triton/server/http/json/parse-json.ts';

/** What `JSON.parse` makes of it, but for integers of 64 bits. */
function plain(value: JsonValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return value;
}

it('reads any JSON as JSON.parse does, however it is spaced', () => {
  const spacing = fc.constantFrom(undefined, 1, '\t', '\n \r');
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }), spacing, (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(plain(parseJson(Buffer.from(text)))).toEqual(JSON.parse(text));
    }),
  );
});

it('reads any number as JSON.parse does, to the last bit', () => {
  const written = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.integer(), fc.nat(), fc.integer({ min: -320, max: 290 })).map(([a, b, e]) => `${a}.${b}e${e}`),
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `-${a}.${String(b).padStart(9, '0')}`),
  );
  fc.assert(
    fc.property(written, text => {
      const value = parseJson(Buffer.from(`[${text}]`)) as readonly JsonValue[];
      // An integer has no -0, as in Triton.
      expect(Number(value[0]) + 0).toBe(JSON.parse(text) + 0);
    }),
  );
});

it('keeps every bit of integers of 64 bits, and tells them from other numbers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), value => {
      expect(parseJson(Buffer.from(`[${value}, ${value}.0]`))).toEqual([value, Number(value)]);
    }),
  );
  expect(parseJson(Buffer.from(`${2n ** 64n}`))).toBe(2 ** 64);
  expect(parseJson(Buffer.from(`${-(2n ** 63n) - 1n}`))).toBe(-(2 ** 63));
});
