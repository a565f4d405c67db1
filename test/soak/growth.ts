/** What memory was at the beginning and at the end of a run: medians of the first and the last quarter of its samples. */
export function growth(samples: readonly number[]): { readonly first: number; readonly last: number } {
  const quarter = Math.max(1, samples.length >> 2);
  return { first: median(samples.slice(0, quarter)), last: median(samples.slice(-quarter)) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
