import { z } from 'zod';
import { type ErasureReceipt, type ErasureSubject, toErasureReceipt } from '../erasure-receipt.ts';
import type { Erased } from '../store/store.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const receiptSchema = z.object({
  subject: z.enum(['template', 'rejection', 'identity', 'identities', 'gallery', 'unknowns']),
  gallery: z.string(),
  id_sha256: sha256.nullable().describe('SHA-256 of `i:2576` for the integer 2576, of `s:ada` for the string ada.'),
  template_sha256: sha256.nullable().describe('SHA-256 of the id of the template, or of the rejected face.'),
  identities: z.int(),
  templates: z.int(),
  places: z
    .array(z.object({ place: z.string(), templates: z.int() }))
    .describe('Where it was, with the number of templates that were there.'),
  erased_at: z.string().describe('ISO 8601, UTC: when all of it was gone.'),
});

export const erasedReplySchema = z.object({
  deleted: z.object({ identities: z.int(), templates: z.int() }),
  receipt: receiptSchema.describe('Names nobody; may be kept.'),
});

/** What every erasure is answered with, once it is done. */
export function toErasedReply(
  gallery: string,
  what: ErasureSubject,
  erased: Erased,
): z.input<typeof erasedReplySchema> {
  const receipt: ErasureReceipt = toErasureReceipt(gallery, what, erased, new Date());
  return {
    deleted: { identities: erased.identities, templates: erased.templates },
    receipt: toReceipt(receipt),
  };
}

export function toReceipt(receipt: ErasureReceipt): z.input<typeof receiptSchema> {
  return { ...receipt, places: [...receipt.places] };
}
