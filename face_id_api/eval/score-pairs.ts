import type { ScoreSets } from '../core/calibrate.ts';
import { forEachImpostorPair, type ImpostorScores } from './core/clustered-fmr.ts';
import { type PairList, type PhotoPair, personOf } from './lfw-folder.ts';

/** Unit vectors by photo. */
export type Embeddings = ReadonlyMap<string, Float32Array>;

/** Lists without sets of their own are cut into this many folds. */
const foldCount = 10;

/** Cosines of the pairs whose photos both have an embedding. */
export function scoreListedPairs(pairs: readonly PhotoPair[], embeddings: Embeddings): ScoreSets {
  const scores = { same: [] as number[], different: [] as number[] };
  for (const { first, second, samePerson } of pairs) {
    const [a, b] = [embeddings.get(first), embeddings.get(second)];
    if (a !== undefined && b !== undefined) scores[samePerson ? 'same' : 'different'].push(dot(a, b));
  }
  return { same: Float32Array.from(scores.same), different: Float32Array.from(scores.different) };
}

/**
 * The list's scores fold by fold: its own sets where it has several, otherwise ten runs of consecutive pairs of each kind. Lists
 * are ordered by name, so a run keeps a person's pairs together.
 */
export function scoreFolds({ sets, pairs }: PairList, embeddings: Embeddings): ScoreSets[] {
  if (sets > 1) {
    return Array.from({ length: sets }, (_, set) =>
      scoreListedPairs(
        pairs.filter(pair => pair.set === set),
        embeddings,
      ),
    );
  }
  const kinds = [true, false].map(samePerson => pairs.filter(pair => pair.samePerson === samePerson));
  return Array.from({ length: foldCount }, (_, fold) =>
    scoreListedPairs(
      kinds.flatMap(kind =>
        kind.slice(Math.floor((fold * kind.length) / foldCount), Math.floor(((fold + 1) * kind.length) / foldCount)),
      ),
      embeddings,
    ),
  );
}

/** Cosines of every two photos of two different people: far more impostor pairs than a list holds. Four bytes a pair. */
export function scoreImpostors(photos: readonly string[], embeddings: Embeddings): ImpostorScores {
  const embedded = photos.flatMap(photo => {
    const embedding = embeddings.get(photo);
    return embedding === undefined ? [] : [{ person: personOf(photo), embedding }];
  });
  const numbers = new Map<string, number>();
  for (const { person } of embedded) if (!numbers.has(person)) numbers.set(person, numbers.size);
  const people = Int32Array.from(embedded, ({ person }) => numbers.get(person)!);
  const scores = new Float32Array((embedded.length * (embedded.length - 1)) / 2);
  let count = 0;
  forEachImpostorPair(people, (first, second, index) => {
    scores[index] = dot(embedded[first]!.embedding, embedded[second]!.embedding);
    count = index + 1;
  });
  return { people, scores: scores.slice(0, count) };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
