import type { IdentityId } from '../core/identity-id.ts';
import type { Erased, GalleryModel, GallerySummary, IdentityRecord } from '../store/store.ts';

/** A gallery and the one beside it, in a store of one's own or behind a running service. Rejects as these do. */
export type GalleryPair = {
  /** The gallery's name. */
  readonly name: string;
  describe(): Promise<GallerySummary>;
  /** Null where there is none beside it. */
  describeBeside(): Promise<GallerySummary | null>;
  records(): AsyncIterable<IdentityRecord>;
  besideRecords(): AsyncIterable<IdentityRecord>;
  /** Makes the one beside it, for this model's vectors; GALLERY_EXISTS where it holds another model's. */
  createBeside(model: GalleryModel): Promise<void>;
  /** Each identity as it is in its record; what is gone from the gallery meanwhile stays away. */
  importBeside(records: readonly IdentityRecord[]): Promise<void>;
  removeBeside(id: IdentityId): Promise<void>;
  /** To the one beside it, which holds the model with this fingerprint; GALLERY_BEHIND where it lacks something, unless forced. */
  switch(fingerprint: string, force: boolean): Promise<void>;
  /** Erases the one beside it. */
  dropBeside(): Promise<Pick<Erased, 'identities' | 'templates'>>;
};

/**
 * Whether the gallery beside one has served in its place before: then it was made first. A switch to it goes back, and wants no verdict on
 * its model.
 */
export function hasServed(beside: GallerySummary | null, gallery: GallerySummary): boolean {
  return beside !== null && beside.created < gallery.created;
}
