import { createHash } from 'node:crypto';
import { encodeCursor, type IdentityId } from './core/identity-id.ts';
import type { Erased } from './store/store.ts';

/** What was to go. */
export type ErasureSubject =
  | { readonly subject: 'template' | 'rejection'; readonly id: IdentityId; readonly template: string }
  | { readonly subject: 'identity'; readonly id: IdentityId }
  | { readonly subject: 'identities' | 'gallery' | 'unknowns' };

/** Says what went, where and when, and names nobody: an id stands in it as its SHA-256 only. */
export type ErasureReceipt = Erased & {
  readonly subject: ErasureSubject['subject'];
  readonly gallery: string;
  readonly id_sha256: string | null;
  readonly template_sha256: string | null;
  /** ISO 8601, UTC: when all of it was gone. */
  readonly erased_at: string;
};

/** The receipt of an erasure that has been acknowledged at `at`. */
export function toErasureReceipt(gallery: string, what: ErasureSubject, erased: Erased, at: Date): ErasureReceipt {
  const { identities, templates, places } = erased;
  return {
    subject: what.subject,
    gallery,
    id_sha256: 'id' in what ? hashId(what.id) : null,
    template_sha256: 'template' in what ? sha256(what.template) : null,
    identities,
    templates,
    places,
    erased_at: at.toISOString(),
  };
}

/**
 * SHA-256 (hex) of the id with its type before it, `i:2576` or `s:ada`, so that who knows an id can tell whether a receipt is about
 * it. No secret: an id that can be guessed can be found from its hash.
 */
export function hashId(id: IdentityId): string {
  return sha256(encodeCursor(id));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
