import type { Candidate } from './core/decide.ts';
import { strikeRejected } from './core/strike-rejected.ts';
import type { Gallery, SearchOptions } from './store/store.ts';

export type PastRejectedOptions = SearchOptions & {
  readonly threshold: number;
  /** How many candidates are to be left once the rejected ones are struck, where the gallery has so many. */
  readonly left: number;
};

/** As `Gallery.search`; asks for more where candidates are struck, which happens where somebody has rejected a face. */
export async function searchPastRejected(
  gallery: Gallery,
  probes: readonly Float32Array[],
  { threshold, left, ...options }: PastRejectedOptions,
): Promise<readonly (readonly Candidate[])[]> {
  const { topK } = options;
  const found = await gallery.search(probes, options);
  const lacking = found.flatMap((candidates, i) =>
    candidates.length === topK && strikeRejected(candidates, threshold).length < left ? [i] : [],
  );
  if (lacking.length === 0) return found;
  const again = lacking.map(i => probes[i]!);
  const deeper = await searchPastRejected(gallery, again, { ...options, topK: 4 * topK, threshold, left });
  return found.map((candidates, i) => deeper[lacking.indexOf(i)] ?? candidates);
}
