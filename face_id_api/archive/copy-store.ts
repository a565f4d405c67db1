import type { Gallery, IdentityRecord, Store } from '../store/store.ts';

export type Copied = { readonly galleries: number; readonly identities: number; readonly templates: number };

/** What is durable together in the new store. */
const batchTemplates = 1000;

/**
 * Copies every gallery of a store into another one, whichever kinds they are. An identity takes the place of the one that has its id
 * there; whoever else is there stays. Rejects as the stores do; what was copied before stays, and the same again goes on.
 */
export async function copyStore(
  from: Store,
  to: Store,
  onProgress: (copied: Copied) => void = () => {},
): Promise<Copied> {
  let copied: Copied = { galleries: 0, identities: 0, templates: 0 };
  for (const { name, kind, model } of await from.listGalleries()) {
    await to.createGallery({ name, kind, model });
    await copyGallery(from.gallery(name), to.gallery(name), (identities, templates) => {
      copied = { ...copied, identities: copied.identities + identities, templates: copied.templates + templates };
      onProgress(copied);
    });
    copied = { ...copied, galleries: copied.galleries + 1 };
  }
  return copied;
}

async function copyGallery(
  from: Gallery,
  to: Gallery,
  onBatch: (identities: number, templates: number) => void,
): Promise<void> {
  let batch: IdentityRecord[] = [];
  let templates = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await to.import(batch);
    onBatch(batch.length, templates);
    batch = [];
    templates = 0;
  };
  for await (const record of from.export()) {
    if (templates + record.templates.length > batchTemplates || batch.length >= batchTemplates) await flush();
    batch.push(record);
    templates += record.templates.length;
  }
  await flush();
}
