import { type Bounds, clopperPearson } from './clopper-pearson.ts';

/** Scores of every two photos of two different people. */
export type ImpostorScores = {
  /** Index of the person that each photo shows; people count from 0. */
  readonly people: Int32Array;
  /** Cosines in the order of `forEachImpostorPair`. */
  readonly scores: Float32Array;
};

/** A false-match rate over all impostor pairs, and how far it can be trusted when people, not pairs, are the sample. */
export type ClusteredFmr = {
  readonly falseMatches: number;
  /** In [0, 1]; 0 without pairs. */
  readonly fmr: number;
  /** Independent false matches that would carry as much information: (rate / its standard error)², at most `falseMatches`. */
  readonly effectiveErrors: number;
  /** 95 % bounds, clustered by person. */
  readonly bounds: Bounds;
};

/** Calls `visit` with the photos of every impostor pair and the pair's running index: photo by photo, each with those after it. */
export function forEachImpostorPair(
  people: Int32Array,
  visit: (first: number, second: number, index: number) => void,
): void {
  let index = 0;
  for (let first = 0; first < people.length; first++) {
    for (let second = first + 1; second < people.length; second++) {
      if (people[first] !== people[second]) visit(first, second, index++);
    }
  }
}

/**
 * The share of impostor pairs that reach `threshold`, with bounds that treat people as the sample.
 *
 * One person is in thousands of pairs, so pairs are not independent. The variance is the cluster-robust one for dyads
 * (Fafchamps and Gubert 2007; Aronow, Samii and Assenova 2015): for the rate p and every two people i, j with e_ij false
 * matches among n_ij pairs, r_ij = e_ij − p·n_ij and
 *   Var(p) = (Σ_i (Σ_j r_ij)² − Σ_{i<j} r_ij²) / (Σ_{i<j} n_ij)²,
 * which sums the products of all residuals that share a person. It is not taken below that of independent dyads,
 * Σ r_ij² / (Σ n_ij)². The bounds are Clopper-Pearson's on the effective number of pairs p(1 − p) / Var(p)
 * (Korn and Graubard 1998).
 */
export function clusteredFmr({ people, scores }: ImpostorScores, threshold: number): ClusteredFmr {
  const photos = countPhotos(people);
  const errors = countFalseMatches({ people, scores }, threshold, photos.length);
  const pairs = scores.length;
  const fmr = pairs === 0 ? 0 : errors.total / pairs;
  // With no error, or nothing else, the variance says nothing: the pairs are all there is to count.
  if (errors.total === 0 || errors.total === pairs) {
    return {
      falseMatches: errors.total,
      fmr,
      effectiveErrors: errors.total,
      bounds: clopperPearson(errors.total, pairs),
    };
  }
  const byPerson = sumOf(errors.byPerson, (count, person) => {
    const own = photos[person]!;
    return (count - fmr * own * (people.length - own)) ** 2;
  });
  const byDyad = sumOfSquaredDyads(errors.byDyad, photos, fmr);
  const variance = Math.max(byPerson - byDyad, byDyad) / pairs ** 2;
  const effectivePairs = Math.min(pairs, (fmr * (1 - fmr)) / variance);
  return {
    falseMatches: errors.total,
    fmr,
    effectiveErrors: Math.min(errors.total, fmr ** 2 / variance),
    bounds: clopperPearson(fmr * effectivePairs, effectivePairs),
  };
}

function countPhotos(people: Int32Array): Float64Array {
  const count = new Float64Array(people.reduce((most, person) => Math.max(most, person + 1), 0));
  for (const person of people) count[person]! += 1;
  return count;
}

function countFalseMatches({ people, scores }: ImpostorScores, threshold: number, personCount: number) {
  const byPerson = new Float64Array(personCount);
  /** Keyed by both people's indices; only those with an error. */
  const byDyad = new Map<number, number>();
  let total = 0;
  forEachImpostorPair(people, (first, second, index) => {
    if (scores[index]! < threshold) return;
    const [a, b] = [people[first]!, people[second]!];
    const dyad = Math.min(a, b) * personCount + Math.max(a, b);
    byDyad.set(dyad, (byDyad.get(dyad) ?? 0) + 1);
    byPerson[a]! += 1;
    byPerson[b]! += 1;
    total += 1;
  });
  return { total, byPerson, byDyad };
}

/** Σ_{i<j} (e_ij − p·n_i·n_j)², multiplied out so that only dyads with an error are visited. */
function sumOfSquaredDyads(byDyad: ReadonlyMap<number, number>, photos: Float64Array, rate: number): number {
  const squares = sumOf(photos, count => count ** 2);
  let sum = (rate ** 2 * (squares ** 2 - sumOf(photos, count => count ** 4))) / 2;
  for (const [dyad, errors] of byDyad) {
    const pairs = photos[Math.floor(dyad / photos.length)]! * photos[dyad % photos.length]!;
    sum += errors ** 2 - 2 * rate * errors * pairs;
  }
  return sum;
}

function sumOf(values: Float64Array, term: (value: number, index: number) => number): number {
  return values.reduce((sum, value, index) => sum + term(value, index), 0);
}
