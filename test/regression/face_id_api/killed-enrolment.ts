import type { GalleryModel } from '../../../face_id_api/store/store.ts';

export const killedModel: GalleryModel = { name: 'embedder', fingerprint: 'fp', dimension: 16 };

/** The unit vector of template `k` of enrolment `n`: one that no other enrolment has. */
export function vectorFor(n: number, k: number): Float32Array {
  const vector = new Float32Array(killedModel.dimension);
  for (let i = 0; i < vector.length; i++) vector[i] = Math.sin((n + 1) * (i + 1) + k);
  const length = Math.hypot(...vector);
  return vector.map(value => value / length);
}
