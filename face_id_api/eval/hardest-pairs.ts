import { forEachImpostorPair, type ImpostorScores } from './core/clustered-fmr.ts';
import { type PairList, photosOf } from './lfw-folder.ts';
import { type Embeddings, scoreListedPairs } from './score-pairs.ts';

export type ScoredPair = { readonly first: string; readonly second: string; readonly score: number };

export type HardestPairs = {
  /** Photos of one person with the lowest scores, lowest first. */
  readonly same: readonly ScoredPair[];
  /** Photos of two people with the highest scores, highest first; every two people once. */
  readonly different: readonly ScoredPair[];
};

/** The pairs that are judged worst, to be looked at: a wrong label or a wrong face shows at once. */
export function hardestPairs(
  list: PairList,
  impostors: ImpostorScores,
  embeddings: Embeddings,
  count: number,
): HardestPairs {
  const same = list.pairs.flatMap(pair => {
    const [score] = pair.samePerson ? scoreListedPairs([pair], embeddings).same : [];
    return score === undefined ? [] : [{ first: pair.first, second: pair.second, score }];
  });
  same.sort((a, b) => a.score - b.score);
  return { same: same.slice(0, count), different: hardestImpostors(list, impostors, embeddings, count) };
}

function hardestImpostors(
  list: PairList,
  { people, scores }: ImpostorScores,
  embeddings: Embeddings,
  count: number,
): ScoredPair[] {
  const photos = photosOf([list]).filter(photo => embeddings.has(photo));
  const hardest: (ScoredPair & { readonly dyad: string })[] = [];
  forEachImpostorPair(people, (a, b, index) => {
    const score = scores[index]!;
    if (hardest.length >= count && score <= hardest.at(-1)!.score) return;
    const dyad = [people[a]!, people[b]!].sort((x, y) => x - y).join();
    const known = hardest.findIndex(pair => pair.dyad === dyad);
    if (known >= 0 && hardest[known]!.score >= score) return;
    if (known >= 0) hardest.splice(known, 1);
    hardest.push({ first: photos[a]!, second: photos[b]!, score, dyad });
    hardest.sort((x, y) => y.score - x.score);
    hardest.splice(count);
  });
  return hardest.map(({ first, second, score }) => ({ first, second, score }));
}
