import type { RetentionConfig } from '../config.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { type DueReason, dueFor, dueReasons, type RetentionRule } from '../core/retention.ts';
import { type ErasureReceipt, toErasureReceipt } from '../erasure-receipt.ts';
import type { Gallery } from '../store/store.ts';

export type Due = { readonly id: IdentityId; readonly reason: DueReason };

export type Swept = {
  /** Who is due, or was, by the reason. */
  readonly reasons: Readonly<Record<DueReason, number>>;
  /** The first of them, as many as `limit` says. */
  readonly due: readonly Due[];
  /** One of each who was erased; none of a dry run. */
  readonly receipts: readonly ErasureReceipt[];
};

export type SweepOptions = {
  /** The gallery's name, for receipts. */
  readonly name: string;
  readonly rule: RetentionRule;
  /** False: nothing is changed. */
  readonly apply: boolean;
  /** How many are listed, and erased, at most. */
  readonly limit: number;
  /** Ends it after whoever is being erased. */
  readonly signal?: AbortSignal;
  /** Is waited for before anybody else is erased; where it rejects, nobody else is. */
  readonly onErased?: (receipt: ErasureReceipt) => Promise<void>;
};

/** Read at a time. */
const pageSize = 500;

/** What the configuration means at `now`. */
export function retentionRule({ unseen_days }: Pick<RetentionConfig, 'unseen_days'>, now: Date): RetentionRule {
  if (unseen_days === null) return { now: now.getTime(), seenSince: null };
  const since = new Date(now.getTime() - unseen_days * 86_400_000);
  return { now: now.getTime(), seenSince: since.toISOString().slice(0, 10) };
}

/**
 * Looks for those who are due, in the order of their ids, and erases them where `apply` says so, each as `remove` does. Who is not due
 * any more when it comes to them stays. Rejects as the gallery; whoever was erased by then is.
 */
export async function sweepGallery(
  gallery: Gallery,
  { name, rule, apply, limit, signal, onErased }: SweepOptions,
): Promise<Swept> {
  const reasons = Object.fromEntries(dueReasons.map(reason => [reason, 0])) as Record<DueReason, number>;
  const due: Due[] = [];
  const receipts: ErasureReceipt[] = [];
  for await (const one of findDue(gallery, rule)) {
    if (signal?.aborted) break;
    reasons[one.reason] += 1;
    if (due.length === limit) continue;
    due.push(one);
    if (!apply) continue;
    const now = await gallery.get(one.id);
    if (now === null || dueFor(now, rule) === null) continue;
    const erased = await gallery.remove(one.id);
    const receipt = toErasureReceipt(name, { subject: 'identity', id: one.id }, erased, new Date());
    receipts.push(receipt);
    await onErased?.(receipt);
  }
  return { reasons, due, receipts };
}

async function* findDue(gallery: Gallery, rule: RetentionRule): AsyncGenerator<Due> {
  for (let after: IdentityId | null = null; ; ) {
    const { identities, hasMore } = await gallery.list({ limit: pageSize, after });
    for (const identity of identities) {
      const reason = dueFor(identity, rule);
      if (reason !== null) yield { id: identity.id, reason };
    }
    const last = identities.at(-1);
    if (!hasMore || last === undefined) return;
    after = last.id;
  }
}
