import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBytesElements, encodeBytesElements } from '../../../triton/core/bytes-elements.ts';
import { checkStrings } from '../../../triton/server/infer/check-strings.ts';
import { StatusError } from '../../../triton/server/status-error.ts';

const refuse = (text: string): never => {
  throw new StatusError('INVALID_ARGUMENT', text);
};

/** Any bytes, and such as are nearly right: texts with some of their bytes changed or cut off. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 5 }), fc.nat(60), fc.nat(255), fc.nat(3))
    .map(([texts, at, byte, cut]) => {
      const bytes = encodeBytesElements(texts.map(text => new TextEncoder().encode(text)));
      if (at < bytes.length) bytes[at] = byte;
      return bytes.subarray(0, Math.max(0, bytes.length - cut));
    }),
);

describe('the check of string tensors', () => {
  it('lets through exactly those that a worker can turn into as many texts and back', () => {
    fc.assert(
      fc.property(hostile, fc.nat(6), (bytes, count) => {
        let isAccepted = true;
        try {
          checkStrings(bytes, BigInt(count), 'IN', 'm', refuse);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
          isAccepted = false;
        }
        expect(isAccepted).toBe(isTextOf(bytes, count));
      }),
      { numRuns: 1000 },
    );
  });
});

function isTextOf(bytes: Uint8Array, count: number): boolean {
  try {
    const elements = decodeBytesElements(bytes);
    const texts = elements.map(element => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(element));
    return texts.length === count && !texts.some(text => text.includes('\0'));
  } catch {
    return false;
  }
}
