import { cosine } from '../../core/similarity.ts';

/** Unit vectors of one model, one after the other, and whose each is (any number per identity). */
export type LabelledVectors = {
  readonly dimension: number;
  readonly values: Float32Array;
  readonly owners: Int32Array;
};

/** What a search for one of the vectors finds among all others. */
export type LookedUp = {
  /** Highest cosine to another vector of the same owner; -Infinity where it has none. */
  readonly mate: number;
  /** Highest cosine to anybody else's, and whose that is; -Infinity and -1 where there is nobody else. */
  readonly other: number;
  readonly otherOwner: number;
};

/** Looks vector number `probe` up among all others: 1:N with the probe's own template left out. Of equal scores the first counts. */
export function lookUp({ dimension, values, owners }: LabelledVectors, probe: number): LookedUp {
  let [mate, other, otherOwner] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, -1];
  for (let i = 0; i < owners.length; i++) {
    if (i === probe) continue;
    const score = cosine(values, probe * dimension, values, i * dimension, dimension);
    if (owners[i] === owners[probe]) {
      if (score > mate) mate = score;
    } else if (score > other) {
      [other, otherOwner] = [score, owners[i]!];
    }
  }
  return { mate, other, otherOwner };
}

/** At most `most` of the numbers below `count`, spread evenly, ascending: the same each time. */
export function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.floor(((i + 0.5) * count) / taken));
}
