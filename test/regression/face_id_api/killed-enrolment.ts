import type { GalleryModel } from '../../../face_id_api/store/store.ts';

export const killedModel: GalleryModel = { name: 'embedder', fingerprint: 'fp', dimension: 16 };

/** Low, so that the index is part of it. */
export const killedIndexFrom = 30;

/** What the child does as its step `n`, six of them coming round: enrol `id` in place of whom it had, or erase it. */
export function stepOf(n: number): { readonly do: 'enrol' | 'erase'; readonly id: number; readonly templates: number } {
  const kind = n % 6;
  if (kind === 5) return { do: 'erase', id: n - 2, templates: 0 };
  return { do: 'enrol', id: kind === 2 ? n - 2 : n, templates: 2 + (n % 4) };
}

/** The unit vector of template `k` of enrolment `n`: one that no other enrolment has. */
export function vectorFor(n: number, k: number): Float32Array {
  const vector = new Float32Array(killedModel.dimension);
  let state = (n + 1) * 64 + k;
  for (let i = 0; i < vector.length; i++) {
    // Wang's integer hash: a sine of n comes round again after 710 numbers, for 710 is nearly a multiple of 2π.
    state = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
    state = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
    state ^= state >>> 16;
    vector[i] = state / 2 ** 31;
  }
  const length = Math.hypot(...vector);
  return vector.map(value => value / length);
}
