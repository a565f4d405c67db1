import type { Embeddings } from '../score-pairs.ts';
import type { OpenSetPhotos } from './open-set-photos.ts';
import { type Gallery, scoresByPerson } from './search-gallery.ts';

/** A photo that was searched for, and a photo of the person whose score this is. */
export type HardSearch = { readonly score: number; readonly probe: string; readonly enrolled: string };

export type HardestSearches = {
  /** The enrolled with the lowest scores of their own, lowest first. */
  readonly mated: readonly HardSearch[];
  /** Strangers with the highest scores, highest first, and whom they were taken for. */
  readonly strangers: readonly HardSearch[];
};

/** The searches that are judged worst, to be looked at: a wrong label or a wrong face shows at once. */
export function hardestSearches(
  { people, strangers }: OpenSetPhotos,
  gallery: Gallery,
  embeddings: Embeddings,
  count: number,
): HardestSearches {
  const against = (probe: string, person?: number): HardSearch[] => {
    const embedding = embeddings.get(probe);
    if (embedding === undefined) return [];
    const scores = scoresByPerson(embedding, gallery);
    const shown = person ?? scores.indexOf(Math.max(...scores));
    return [{ score: scores[shown]!, probe, enrolled: people[shown]!.enrolled[0]! }];
  };
  const mated = people.flatMap(({ probes }, person) => probes.flatMap(probe => against(probe, person)));
  const found = strangers.flatMap(probe => against(probe));
  return {
    mated: mated.sort((a, b) => a.score - b.score).slice(0, count),
    strangers: found.sort((a, b) => b.score - a.score).slice(0, count),
  };
}
