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

type Opened = { readonly bytes: Uint8Array; readonly gallery: number; readonly vector: Float32Array };

/** 20,000 vectors of 128 values. */
const mostBytes = 32 * 2 ** 20;
/** Of each, beside its values. */
const overhead = 500;

export function createOpenedVectors(seal: VectorSeal): OpenedVectors {
  if (!seal.isSealed) return { open: placed, clear: () => {} };
  const opened = new LRUCache<number, Opened>({
    maxSize: mostBytes,
    sizeCalculation: ({ bytes }) => 2 * bytes.length + overhead,
  });
  return {
    open(bytes, row) {
      const { key, gallery } = row;
      const known = opened.get(key);
      if (known !== undefined && known.gallery === gallery && areSame(known.bytes, bytes)) return known.vector;
      const vector = placed(bytes, row);
      opened.set(key, { bytes, gallery, vector });
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

/** All of them: also one that somebody changed since is refused, as it would be at the first opening. */
function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
