import type { IdentityId } from './api-types.ts';
import type { Caller } from './caller.ts';
import type { InGallery } from './identity-calls.ts';

/** The parameters of a call about one identity: an id is meant with its type. */
export function meantIdentity({ inGallery }: Pick<Caller, 'inGallery'>, id: IdentityId, options: InGallery) {
  const { gallery, signal } = options;
  const type: 'integer' | 'string' = typeof id === 'number' ? 'integer' : 'string';
  const query = inGallery({ type, ...(gallery !== undefined && { gallery }) });
  return { params: { path: { id: String(id) }, query }, ...(signal && { signal }) };
}
