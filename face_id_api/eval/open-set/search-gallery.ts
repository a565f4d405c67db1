import { cosine } from '../../core/similarity.ts';
import type { MatedSearch, NonMatedSearch, Searches } from '../core/open-set-rates.ts';
import type { Embeddings } from '../score-pairs.ts';
import type { OpenSetPhotos } from './open-set-photos.ts';

/** Templates of each person, in the order of the people; a person without any could not be enrolled. */
export type Gallery = readonly (readonly Float32Array[])[];

/** As the service compares: a probe with every template. */
export function enrolPeople({ people }: OpenSetPhotos, embeddings: Embeddings): Gallery {
  return people.map(({ enrolled }) => embeddedOf(enrolled, embeddings));
}

/** Everybody's probes against the whole gallery, in the order of the photos; those without an embedding are failures to acquire. */
export function searchPhotos(
  { people, strangers }: Pick<OpenSetPhotos, 'people' | 'strangers'>,
  gallery: Gallery,
  embeddings: Embeddings,
): Searches {
  return {
    mated: people.flatMap(({ probes }, person) =>
      probes.map(photo => searchMated(person, embeddings.get(photo), gallery)),
    ),
    nonMated: strangers.map(photo => searchNonMated(embeddings.get(photo), gallery)),
  };
}

/** The score of each person: the cosine of the nearest of their templates; −1 without any. */
export function scoresByPerson(probe: Float32Array, gallery: Gallery): number[] {
  return gallery.map(templates =>
    // As the store keeps scores and as thresholds are measured: in single precision.
    Math.fround(Math.max(-1, ...templates.map(template => cosine(probe, 0, template, 0, probe.length)))),
  );
}

function searchMated(person: number, probe: Float32Array | undefined, gallery: Gallery): MatedSearch {
  if (probe === undefined || gallery[person]!.length === 0) return { person, scores: null };
  const scores = scoresByPerson(probe, gallery);
  return { person, scores: { mate: scores[person]!, other: Math.max(-1, ...scores.toSpliced(person, 1)) } };
}

function searchNonMated(probe: Float32Array | undefined, gallery: Gallery): NonMatedSearch {
  return { best: probe === undefined ? null : Math.max(-1, ...scoresByPerson(probe, gallery)) };
}

function embeddedOf(photos: readonly string[], embeddings: Embeddings): Float32Array[] {
  return photos.flatMap(photo => embeddings.get(photo) ?? []);
}
