import { noFields } from '../../face_id_api/core/identity-fields.ts';
import type { GalleryModel, IdentityRecord } from '../../face_id_api/store/store.ts';
import type { People } from './people.ts';

/** Photos of each person that are enrolled. */
export const photosEach = 4;

/** A made-up person as they are imported, with that many templates. */
export function madeUpRecord(people: People, person: number, model: GalleryModel): IdentityRecord {
  const created = '2026-01-01T00:00:00.000Z';
  const templates = Array.from({ length: photosEach }, (_, n) => ({
    id: `${person}-${n}`.padStart(36, '0'),
    vector: people.photo(person, n),
    fingerprint: model.fingerprint,
    sourceSha256: 'ab'.repeat(32),
    detector: 'mtcnn',
    created,
  }));
  return { id: person, ...noFields, created, updated: created, seen: null, templates };
}
