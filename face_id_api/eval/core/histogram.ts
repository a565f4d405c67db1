/** One class of scores in bins of equal width; the last one holds its upper end too. */
export type Histogram = {
  readonly from: number;
  readonly binWidth: number;
  /** Scores in each bin. */
  readonly counts: readonly number[];
};

/** Counts scores in `bins` bins over [from, to]; scores outside fall into the outermost bins. */
export function histogram(
  scores: Float32Array,
  { from, to, bins }: { readonly from: number; readonly to: number; readonly bins: number },
): Histogram {
  const binWidth = (to - from) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const score of scores) {
    counts[Math.min(bins - 1, Math.max(0, Math.floor((score - from) / binWidth)))]! += 1;
  }
  return { from, binWidth, counts };
}
