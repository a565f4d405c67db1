import { randomBytes } from 'node:crypto';
import { modelBasis, type VectorBasis } from '../core/vector-basis.ts';
import { type RotatedGallery, turnedBy, unwrapSeed, wrapSeed } from './gallery-rotations.ts';
import { keyBytes, type MasterKey, wrapperOf } from './master-key.ts';

/** From how a store keeps vectors to how it is to keep them. */
export type Conversion = {
  /** The key that opens what is there, as far as it is encrypted or turned. */
  readonly from: MasterKey;
  /** The key that is to open it from now on; null: nothing is encrypted or turned any more. */
  readonly to: MasterKey | null;
  /** Whether galleries that are not turned are to be. */
  readonly rotate: boolean;
  /** Whether data key and rotations are made anew, so that whoever had the old ones can open nothing that is there afterwards. */
  readonly renew: boolean;
};

/** `rewritten`: vectors; `turned`: the galleries whose vectors lie otherwise than before. */
export type Converted = { readonly rewritten: number; readonly turned: readonly string[] };

/** What becomes of one gallery: its wrapped seed, and how its vectors lie before and after; one and the same object: they stay. */
export type Turn = { readonly rotation: string | null; readonly before: VectorBasis; readonly after: VectorBasis };

/** @throws ServiceError STORAGE_FAILED where `from` does not open what the gallery says of itself */
export function planTurn(gallery: RotatedGallery, { from, to, rotate, renew }: Conversion): Turn {
  const { name, rotation } = gallery;
  const { dimension } = gallery.model;
  const seed = rotation === null ? null : unwrapSeed(from, name, rotation);
  const before = seed === null ? modelBasis : turnedBy(seed, dimension);
  if (to === null) return { rotation: null, before, after: modelBasis };
  if (seed === null && !rotate) return { rotation: null, before, after: before };
  if (rotation !== null && seed !== null && !renew) {
    // Under the same key it stays as it is written.
    return { rotation: wrapperOf(rotation) === to.id ? rotation : wrapSeed(to, seed), before, after: before };
  }
  const fresh = randomBytes(keyBytes);
  return { rotation: wrapSeed(to, fresh), before, after: turnedBy(fresh, dimension) };
}

/** A vector as it is kept before, as it is kept after. */
export function turn({ before, after }: Turn, vector: Float32Array): Float32Array {
  return before === after ? vector : after.into(before.outOf(vector));
}
