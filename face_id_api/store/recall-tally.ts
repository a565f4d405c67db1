import type { RecallCount } from './store.ts';

/** Sums in another order differ by less. */
const rounding = 1e-5;
const judged = 500;
const leastRecall = 0.99;

/** Counts the searches that were repeated exactly. */
export type RecallTally = {
  /** Whether `found`, the best score that a search had found, is `best`, the best there was. -Infinity: nothing. */
  add(found: number, best: number): void;
  counts(): RecallCount;
};

/** @param warn told when fewer than `leastRecall` of the last `judged` repeated searches had found the nearest template */
export function createRecallTally(warn: (fields: object, message: string) => void): RecallTally {
  const total = { checked: 0, found: 0 };
  let recent = { checked: 0, found: 0 };
  return {
    add(found, best) {
      const isFound = found >= best - rounding;
      for (const counts of [total, recent]) {
        counts.checked += 1;
        if (isFound) counts.found += 1;
      }
      if (recent.checked < judged) return;
      const recall = recent.found / recent.checked;
      if (recall < leastRecall) warn({ recall, checked: recent.checked }, 'the index misses nearest templates');
      recent = { checked: 0, found: 0 };
    },
    counts: () => ({ ...total }),
  };
}
