import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBytesElements, encodeBytesElements, skipBytesElements } from '../../../triton/core/bytes-elements.ts';

const elements = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });

describe('the elements of any BYTES tensor', () => {
  it('come back as they were encoded', () => {
    fc.assert(
      fc.property(elements, given => {
        expect(decodeBytesElements(encodeBytesElements(given))).toEqual(given);
      }),
    );
  });

  it('can be cut between any two of them', () => {
    fc.assert(
      fc.property(elements, fc.nat(20), (given, at) => {
        const count = Math.min(at, given.length);
        const bytes = encodeBytesElements(given);
        const border = skipBytesElements(bytes, 0, count);
        expect(decodeBytesElements(bytes.subarray(0, border))).toEqual(given.slice(0, count));
        expect(decodeBytesElements(bytes.subarray(border))).toEqual(given.slice(count));
      }),
    );
  });

  it('are refused with a RangeError, or encode to the very bytes that they came from, whatever those are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        let decoded: Uint8Array[];
        try {
          decoded = decodeBytesElements(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(encodeBytesElements(decoded)).toEqual(bytes);
      }),
    );
  });
});
