import { LRUCache } from 'lru-cache';
import type { VectorSeal } from './vector-seal.ts';

/**
 * Sealed vectors that searches have opened lately: people come again. Opening one takes 7 µs, and 25 where the processor has slept since
 * the last one, of searches of 300.
 */
export type OpenedVectors = {
  /** As `VectorSeal.open`; not to be changed, because whoever asks next is given the same array. */
  open(bytes: Uint8Array, row: SealedRow): Float32Array;
  /** After an erasure, of whomever: nothing stays here. */
  clear(): void;
};

/** A row by a number that no other has, and its `SealedPlace`, whose name is put together only to open it. */
export type SealedRow = { readonly key: number; readonly gallery: number; readonly name: () => string };

type Opened = { readonly nonce: Nonce; readonly gallery: number; readonly vector: Float32Array };

/** The twelve random bytes that a sealed vector begins with, as three integers: compared without looking elsewhere in memory. */
type Nonce = readonly [number, number, number];

/** 36,000 vectors of 128 values. */
const mostBytes = 32 * 2 ** 20;
/** Of each, beside its values. */
const overhead = 400;

export function createOpenedVectors(seal: VectorSeal): OpenedVectors {
  if (!seal.isSealed) return { open: placed, clear: () => {} };
  const opened = new LRUCache<number, Opened>({
    maxSize: mostBytes,
    sizeCalculation: ({ vector }) => vector.byteLength + overhead,
  });
  return {
    open(bytes, row) {
      const { key, gallery } = row;
      const known = opened.get(key);
      if (known !== undefined && known.gallery === gallery && hasNonce(bytes, known.nonce)) return known.vector;
      const vector = placed(bytes, row);
      opened.set(key, { nonce: nonceOf(bytes), gallery, vector });
      return vector;
    },
    clear() {
      // Rows go one by one, and emptying costs as much as the most that was ever there.
      if (opened.size > 0) opened.clear();
    },
  };

  function placed(bytes: Uint8Array, { gallery, name }: SealedRow): Float32Array {
    return seal.open(bytes, { gallery, row: name() });
  }
}

/** A row that is sealed anew has another nonce. */
function hasNonce(bytes: Uint8Array, [first, second, third]: Nonce): boolean {
  return integerAt(bytes, 0) === first && integerAt(bytes, 4) === second && integerAt(bytes, 8) === third;
}

function nonceOf(bytes: Uint8Array): Nonce {
  return [integerAt(bytes, 0), integerAt(bytes, 4), integerAt(bytes, 8)];
}

function integerAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
