import type { Conversion } from '../../../face_id_api/encryption/conversion.ts';
import { createMasterKey, eitherKey } from '../../../face_id_api/encryption/master-key.ts';

const keyOf = (byte: number) => createMasterKey(new Uint8Array(32).fill(byte));
export const [firstKey, secondKey] = [keyOf(1), keyOf(2)];

/** What the child does as its step `n`, four of them coming round: on, another key, back to the first with all secrets anew, off. */
export function conversionOf(n: number): Conversion {
  const kinds: readonly Conversion[] = [
    { from: firstKey, to: firstKey, rotate: true, renew: false },
    { from: eitherKey(firstKey, secondKey), to: secondKey, rotate: true, renew: false },
    { from: eitherKey(secondKey, firstKey), to: firstKey, rotate: true, renew: true },
    { from: firstKey, to: null, rotate: false, renew: false },
  ];
  return kinds[n % kinds.length]!;
}
