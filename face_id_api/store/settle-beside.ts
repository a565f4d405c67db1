import { isBeside, mainOf } from './beside-name.ts';
import type { Store } from './store.ts';

/**
 * Erases beside each gallery who is not in it any more as they stand there, as a switch would: what a process left that ended after a
 * merge, a move or an erasure in a gallery, and before the same beside it. Rejects as the store.
 */
export async function settleBeside(store: Store): Promise<void> {
  for (const { name } of await store.listGalleries()) {
    if (!isBeside(name)) continue;
    const { gone } = await store.compareBeside(mainOf(name));
    for (const id of gone) await store.gallery(name).remove(id);
  }
}
