import type { Searches } from '../core/open-set-rates.ts';
import { type EmbedPhotosOptions, embedPhotos } from '../embed-photos.ts';
import type { Embeddings } from '../score-pairs.ts';
import { type EnrolledPhotos, sampleOf } from './measure-open-set.ts';
import type { OpenSetPhotos } from './open-set-photos.ts';
import { enrolPeople, type Gallery, searchPhotos } from './search-gallery.ts';

export type Enrolment = {
  readonly gallery: Gallery;
  readonly enrolledPhotos: EnrolledPhotos;
  /** Photos that gave no template. */
  readonly failed: readonly string[];
};

export type Searched = {
  readonly searches: Searches;
  /** Of the photos that were searched for. */
  readonly embeddings: Embeddings;
  /** Failures to acquire among them. */
  readonly failed: readonly string[];
};

type EngineOptions = Omit<EmbedPhotosOptions, 'root'>;

/** Enrols everybody with their photos as they are. */
export async function enrolOpenSet(photos: OpenSetPhotos, options: EngineOptions): Promise<Enrolment> {
  const all = photos.people.flatMap(({ enrolled }) => enrolled);
  const { embeddings, failed } = await embedPhotos(all, { ...options, root: photos.root });
  return {
    gallery: enrolPeople(photos, embeddings),
    enrolledPhotos: { failed: failed.length, all: all.length },
    failed,
  };
}

/** Searches the gallery for everybody's other photos and for the strangers. */
export async function searchOpenSet(
  photos: OpenSetPhotos,
  gallery: Gallery,
  options: EngineOptions,
): Promise<Searched> {
  const probes = [...photos.people.flatMap(person => person.probes), ...photos.strangers];
  const { embeddings, failed } = await embedPhotos(probes, { ...options, root: photos.root });
  return { searches: searchPhotos(photos, gallery, embeddings), embeddings, failed };
}

/** The same people, and every eighth stranger only. */
export function withSample(photos: OpenSetPhotos): OpenSetPhotos {
  return { ...photos, strangers: sampleOf(photos.strangers) };
}

/** How many photos are looked at for it. */
export function countPhotos({ people, strangers }: OpenSetPhotos): {
  readonly enrolled: number;
  readonly probes: number;
} {
  return {
    enrolled: people.reduce((sum, { enrolled }) => sum + enrolled.length, 0),
    probes: people.reduce((sum, { probes }) => sum + probes.length, strangers.length),
  };
}
