import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiKeyId, formatApiKey, keyIdBytes, secretBytes } from '../../../face_id_api/core/api-key.ts';
import { parseDuration } from '../../../face_id_api/core/duration.ts';
import { longestKey, readApiKey } from '../../../face_id_api/core/read-api-key.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(values => Buffer.from(values).toString('hex'));
const key = fc.tuple(hex(keyIdBytes), hex(secretBytes)).map(([id, secret]) => ({ id, key: formatApiKey(id, secret) }));
/** What may stand in a header and is no white space. */
const word = fc.stringMatching(/^[\x21-\x7e]{1,80}$/);

describe('an API key', () => {
  it('gives its public id back', () => {
    fc.assert(
      fc.property(key, one => {
        expect(apiKeyId(one.key)).toBe(one.id);
      }),
    );
  });

  it('is none when it is cut, longer or changed in any way that its form shows', () => {
    fc.assert(
      fc.property(key, fc.nat(), fc.constantFrom('', 'g', ' ', '\n', '_', 'é'), (one, at, instead) => {
        const i = at % one.key.length;
        const changed = one.key.slice(0, i) + instead + one.key.slice(i + 1);
        fc.pre(changed !== one.key);
        expect(apiKeyId(changed)).toBeNull();
        expect(apiKeyId(one.key + instead)).toBe(instead === '' ? one.id : null);
      }),
    );
  });
});

describe('the key of a request', () => {
  it('is the same in either header, and in both', () => {
    fc.assert(
      fc.property(word, fc.constantFrom('Bearer', 'bearer', 'BEARER'), (one, scheme) => {
        const authorization = `${scheme} ${one}`;
        expect(readApiKey({ 'x-api-key': one })).toBe(one);
        expect(readApiKey({ authorization })).toBe(one);
        expect(readApiKey({ 'x-api-key': one, authorization })).toBe(one);
      }),
    );
  });

  it('is none when two differ', () => {
    fc.assert(
      fc.property(word, word, (one, other) => {
        fc.pre(one !== other);
        expect(readApiKey({ 'x-api-key': one, authorization: `Bearer ${other}` })).toBeNull();
        expect(readApiKey({ 'x-api-key': [one, other] })).toBeNull();
      }),
    );
  });

  it('is none in another scheme, nor when it is longer than any', () => {
    fc.assert(
      fc.property(word, one => {
        expect(readApiKey({ authorization: `Basic ${one}` })).toBeNull();
        expect(readApiKey({ authorization: `Basic ${one}`, 'x-api-key': one })).toBe(one);
        expect(readApiKey({ authorization: one })).toBeNull();
        expect(readApiKey({ 'x-api-key': one.padEnd(longestKey + 1, 'a') })).toBeNull();
      }),
    );
    expect(readApiKey({})).toBeNull();
    expect(readApiKey({ 'x-api-key': '' })).toBeNull();
    expect(readApiKey({ authorization: 'Bearer ' })).toBeNull();
  });
});

describe('a duration', () => {
  it('is its count of units, and nothing else is one', () => {
    const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    fc.assert(
      fc.property(fc.nat(30_000), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])), (n, unit) => {
        expect(parseDuration(`${n}${unit}`)).toBe(n * units[unit]);
      }),
    );
    for (const wrong of ['', '1', 'h', '1 h', '-1h', '1.5h', '1w', '1h ', '36526d', '9999999999s']) {
      expect(parseDuration(wrong), wrong).toBeNull();
    }
  });
});
