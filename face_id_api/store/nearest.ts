/** Candidates by their template's key, with their cosines as the index has them. */
export type Nearest = {
  readonly keys: Float64Array;
  readonly scores: Float32Array;
  /** The index has no others. */
  readonly all: boolean;
  /** How many were looked at for it. */
  readonly effort: number;
  /** Templates that the index has. */
  readonly size: number;
};

export const noNearest: Nearest = {
  keys: new Float64Array(0),
  scores: new Float32Array(0),
  all: true,
  effort: 0,
  size: 0,
};

/** How many candidates are wanted, how many an index is to look at for that, and how many where nobody stands out of those; it has its own least number. */
export type Look = { readonly depth: number; readonly effort: number; readonly further: number };

/**
 * The best stands out when it is this part of the way from the worst candidate to 1. Photos of enrolled people do, by half and more,
 * strangers by a tenth, at a million templates made up as test/bench/people.ts says.
 */
const standsOutBy = 0.25;

/** Whether the best score stands out of the lowest that was found with it. */
export function standsOut(best: number, lowest: number): boolean {
  return best - lowest >= standsOutBy * (1 - lowest);
}

/**
 * How far a score may be from the cosine of the same vectors in float32: both are rounded to float16, 2^-11 of their length each, and
 * processors that add in float16 round each sum. Twice what the first can come to, and several times what was seen.
 */
export const scoreTolerance = 0.002;
