import { ServiceError } from '../../detector/errors.ts';
import { toIdentityLine } from '../archive/archive-lines.ts';
import type { Audit } from '../audit/audit.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { Store } from '../store/store.ts';
import { readRecord } from './read-record.ts';

/** Reads what one part of the service keeps about a person; nothing where it keeps nothing. JSON, as it is handed out. */
export type Keeper = (gallery: string, id: IdentityId) => Promise<readonly Kept[]>;

export type Kept = Readonly<Record<string, unknown>>;

export type KeeperDeps = { readonly store: Pick<Store, 'gallery'>; readonly audit?: Audit | null };

/**
 * Everything that is kept about somebody, by the part that keeps it. What is added to the service and keeps something about a person
 * is added here, and is then in every export for one.
 */
export function subjectKeepers({ store, audit }: KeeperDeps): Readonly<Record<string, Keeper>> {
  return {
    /** Name, metadata, consent, times, and the templates with their vectors. */
    async identity(gallery, id) {
      const record = await readRecord(store.gallery(gallery), id);
      return record === null ? [] : [toIdentityLine(record)];
    },
    /** Faces that are known not to be this one, without their vectors: those are of somebody else. */
    rejections: async (gallery, id) =>
      (await store.gallery(gallery).listRejections(id).catch(unlessUnknown)).map(({ sourceSha256, ...face }) => ({
        ...face,
        source_sha256: sourceSha256,
      })),
    /** The ids of those that this one is known not to be. */
    distinct: async (gallery, id) =>
      (await store.gallery(gallery).listDistinct(id).catch(unlessUnknown)).map(other => ({ id: other })),
    /** Who did what with it, also after an erasure. */
    audit: async (gallery, id) => (audit ? Array.fromAsync(audit.about(gallery, id)) : []),
  };
}

function unlessUnknown(error: unknown): readonly [] {
  if (error instanceof ServiceError && error.code === 'UNKNOWN_ID') return [];
  throw error;
}
