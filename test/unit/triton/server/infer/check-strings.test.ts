import { describe, expect, it } from 'vitest';
import { encodeBytesElements } from '../../../../../triton/core/bytes-elements.ts';
import { checkStrings } from '../../../../../triton/server/infer/check-strings.ts';

// What a real Triton refuses too is asked of both servers by test/contract/triton/datatypes-contract.ts.
describe('strings that JavaScript has no text for', () => {
  const refuse = (text: string): never => {
    throw new Error(text);
  };
  const check = (...elements: readonly (readonly number[])[]): void =>
    checkStrings(
      encodeBytesElements(elements.map(element => Uint8Array.from(element))),
      BigInt(elements.length),
      'IN',
      'm',
      refuse,
    );

  it.each([
    ['a byte that UTF-8 does not know', [0xff]],
    ['a character cut short', [0x61, 0xc3]],
    ['half of a UTF-16 pair', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a NUL, at which the runtime would cut it off', [0x61, 0x00, 0x62]],
  ])('are refused, by their place: %s', (_, bytes) => {
    expect(() => check([0x61], bytes)).toThrow(
      "string element 1 for inference input 'IN' for model 'm': expected UTF-8 without NUL, which is all that the embedded server's strings hold: use NVIDIA Triton for other bytes",
    );
  });

  it('are no others', () => {
    expect(() => check([], [0xef, 0xbb, 0xbf], [0xf4, 0x8f, 0xbf, 0xbf], [0x01])).not.toThrow();
  });
});
