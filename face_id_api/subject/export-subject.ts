import type { IdentityId } from '../core/identity-id.ts';
import { unknownId } from '../store/gallery-rules.ts';
import type { GallerySummary } from '../store/store.ts';
import { type KeeperDeps, type Kept, subjectKeepers } from './subject-keepers.ts';

/** What is handed to somebody who asks what is kept about them. */
export type SubjectExport = {
  readonly format: 'face-id subject';
  readonly version: 1;
  readonly gallery: string;
  readonly id: IdentityId;
  readonly exported_at: string;
  /** What made the vectors of the templates. */
  readonly model: GallerySummary['model'];
  /** By the part that keeps it. */
  readonly kept: Readonly<Record<string, readonly Kept[]>>;
};

/**
 * Everything that is kept about an id of a gallery. Of somebody who was erased that is what the audit log says. The export itself is
 * written down, after what it holds. Rejects with UNKNOWN_ID where nothing is kept that is about this one alone.
 */
export async function exportSubject(
  deps: KeeperDeps,
  gallery: string,
  id: IdentityId,
  now: Date,
): Promise<SubjectExport> {
  const { model } = await deps.store.gallery(gallery).describe();
  const kept: Record<string, readonly Kept[]> = {};
  for (const [part, read] of Object.entries(subjectKeepers(deps))) kept[part] = await read(gallery, id);
  if (!Object.values(kept).flat().some(isAboutOne)) throw unknownId();
  await deps.audit?.note({ action: 'identity.export', gallery, ids: [id] });
  return { format: 'face-id subject', version: 1, gallery, id, exported_at: now.toISOString(), model, kept };
}

/** Lines of the audit log may be about everybody. */
function isAboutOne({ subjects }: Kept): boolean {
  return subjects !== null;
}
