import type { ScoreSets } from '../core/calibrate.ts';
import type { PhotoPair } from './lfw-folder.ts';
import { personOf } from './lfw-folder.ts';

/** Cosines of the listed pairs whose photos both have an embedding (unit vectors). */
export function scoreListedPairs(
  pairs: readonly PhotoPair[],
  embeddings: ReadonlyMap<string, Float32Array>,
): ScoreSets {
  const scores = { same: [] as number[], different: [] as number[] };
  for (const { first, second, samePerson } of pairs) {
    const [a, b] = [embeddings.get(first), embeddings.get(second)];
    if (a !== undefined && b !== undefined) scores[samePerson ? 'same' : 'different'].push(dot(a, b));
  }
  return { same: Float32Array.from(scores.same), different: Float32Array.from(scores.different) };
}

/** Cosines of every two photos of two different people: far more impostor pairs than a list holds. */
export function scoreAllImpostors(embeddings: ReadonlyMap<string, Float32Array>): Float32Array {
  const photos = [...embeddings].map(([photo, embedding]) => ({ person: personOf(photo), embedding }));
  const scores = new Float32Array((photos.length * (photos.length - 1)) / 2);
  let count = 0;
  for (const [index, a] of photos.entries()) {
    for (let other = index + 1; other < photos.length; other++) {
      const b = photos[other]!;
      if (a.person !== b.person) scores[count++] = dot(a.embedding, b.embedding);
    }
  }
  return scores.subarray(0, count);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
