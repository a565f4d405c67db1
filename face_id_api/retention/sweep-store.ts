import type { Audit } from '../audit/audit.ts';
import type { RetentionConfig } from '../config.ts';
import type { Store } from '../store/store.ts';
import { retentionRule, type SweepOptions, type Swept, sweepGallery } from './sweep-gallery.ts';

export type SweepDeps = {
  /** Whose erasures are written down. */
  readonly store: Pick<Store, 'gallery'>;
  readonly audit: Pick<Audit, 'note'> | null;
  readonly retention: Pick<RetentionConfig, 'unseen_days'>;
};

/** Sweeps a gallery by the configured rule as `sweepGallery` does, and writes down that it was, with numbers. */
export async function sweepStore(
  { store, audit, retention }: SweepDeps,
  gallery: string,
  { now, ...options }: Pick<SweepOptions, 'apply' | 'limit' | 'signal' | 'onErased'> & { readonly now: Date },
): Promise<Swept> {
  const rule = retentionRule(retention, now);
  const swept = await sweepGallery(store.gallery(gallery), { ...options, name: gallery, rule });
  const details = { dry_run: !options.apply, ...swept.reasons, erased: swept.receipts.length };
  await audit?.note({ action: 'gallery.sweep', gallery, ids: [], details });
  return swept;
}
