import type { Candidate } from './decide.ts';
import { cosine } from './similarity.ts';

/**
 * Whether a candidate is struck, so that the next one counts: the probe is nearer to a face that is known not to be this identity than
 * to the identity, and that face alone reaches the threshold. A probe as near to both stays the identity's: what is enrolled wins.
 */
export function isStruck({ score, rejection }: Candidate, threshold: number): boolean {
  return rejection !== undefined && rejection >= threshold && rejection > score;
}

/** The candidates that are left to decide by, in their order. */
export function strikeRejected(candidates: readonly Candidate[], threshold: number): readonly Candidate[] {
  return candidates.filter(candidate => !isStruck(candidate, threshold));
}

/** The highest cosine of a probe to any of these unit vectors; undefined without any. */
export function nearestRejection(probe: Float32Array, vectors: readonly Float32Array[]): number | undefined {
  if (vectors.length === 0) return undefined;
  return Math.max(...vectors.map(vector => cosine(probe, 0, vector, 0, probe.length)));
}

/**
 * The candidates to show: the first `topK`, struck ones among them, and more where the one that counts (of an ambiguous face, both that
 * it may be) lies deeper. With `topK` 0 only those two, and null where it is not ambiguous.
 */
export function candidatesToList(
  candidates: readonly Candidate[],
  left: readonly Candidate[],
  { topK, isAmbiguous }: { readonly topK: number; readonly isAmbiguous: boolean },
): readonly Candidate[] | null {
  if (topK === 0) return isAmbiguous ? left.slice(0, 2) : null;
  const last = left.slice(0, isAmbiguous ? 2 : 1).at(-1);
  const upTo = last === undefined ? 0 : candidates.indexOf(last) + 1;
  return candidates.slice(0, Math.max(topK, upTo));
}
