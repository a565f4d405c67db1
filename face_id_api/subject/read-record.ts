import { ServiceError } from '../../detector/errors.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { Gallery, IdentityRecord, Template } from '../store/store.ts';

/** Somebody with everything that the gallery has of them; null where it has nobody. What goes meanwhile is left out. */
export async function readRecord(
  gallery: Pick<Gallery, 'get' | 'listTemplates' | 'readTemplate'>,
  id: IdentityId,
): Promise<IdentityRecord | null> {
  const found = await gallery.get(id);
  if (found === null) return null;
  const templates: Template[] = [];
  for (const { id: template } of await gallery.listTemplates(id)) {
    const read = await gallery.readTemplate(id, template).catch(unlessGone);
    if (read !== null) templates.push(read);
  }
  return { ...found, templates };
}

function unlessGone(error: unknown): null {
  if (error instanceof ServiceError && error.code === 'TEMPLATE_NOT_FOUND') return null;
  throw error;
}
