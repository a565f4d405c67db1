import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareIds,
  decodeCursor,
  encodeCursor,
  type IdentityId,
  isIdentityId,
  parsePathId,
} from '../../../face_id_api/core/identity-id.ts';

const integer = fc.maxSafeNat();
const text = fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/).filter(value => !/^\.+$/.test(value));
const digits = fc.maxSafeNat().map(String);
const id: fc.Arbitrary<IdentityId> = fc.oneof(integer, text, digits);

describe('identity ids', () => {
  it('come back from a cursor with their type', () => {
    fc.assert(
      fc.property(id, one => {
        expect(decodeCursor(encodeCursor(one))).toBe(one);
      }),
    );
  });

  it('need no escaping in a cursor', () => {
    fc.assert(
      fc.property(id, one => {
        expect(encodeURI(encodeCursor(one))).toBe(encodeCursor(one));
      }),
    );
  });

  it('come back from a path with their type named', () => {
    fc.assert(
      fc.property(id, one => {
        expect(parsePathId(String(one), typeof one === 'number' ? 'integer' : 'string')).toBe(one);
      }),
    );
  });

  it('are the integer in a path exactly where an integer is written so', () => {
    fc.assert(
      fc.property(id, one => {
        const parsed = parsePathId(String(one));
        const isInteger = String(Number(one)) === String(one) && Number.isSafeInteger(Number(one)) && Number(one) >= 0;
        expect(typeof parsed).toBe(isInteger ? 'number' : 'string');
        expect(String(parsed)).toBe(String(one));
      }),
    );
  });

  it('are no string in a path where an integer is written that is too large for one, unless asked for', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 10n ** 128n - 1n }).map(String), large => {
        expect([parsePathId(large), parsePathId(large, 'integer'), parsePathId(large, 'string')]).toEqual([
          null,
          null,
          large,
        ]);
      }),
    );
    expect(parsePathId(String(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('never come from anything else', () => {
    fc.assert(
      fc.property(fc.string(), value => {
        const parsed = parsePathId(value);
        expect(parsed === null || isIdentityId(parsed)).toBe(true);
        expect(isIdentityId(value)).toBe(/^[\w.:-]{1,128}$/.test(value) && !/^\.+$/.test(value));
      }),
    );
    for (const wrong of [
      -1,
      1.5,
      Number.NaN,
      2 ** 53,
      '',
      'a b',
      'é',
      'a\n',
      '.',
      '..',
      '.'.repeat(5),
      'a'.repeat(129),
      null,
      {},
    ])
      expect(isIdentityId(wrong)).toBe(false);
  });

  it('have one order, integers first', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 12 }), ids => {
        const sorted = [...ids].sort(compareIds);
        const types = sorted.map(one => typeof one);
        expect(types).toEqual([...types].sort());
        for (let i = 1; i < sorted.length; i++) expect(compareIds(sorted[i - 1]!, sorted[i]!)).toBeLessThanOrEqual(0);
        expect([...ids].reverse().sort(compareIds)).toEqual(sorted);
      }),
    );
  });
});
