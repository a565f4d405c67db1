import path from 'node:path';
import type { FaceFinder } from '../../detector/face-finder.ts';
import { readCard } from '../../triton/card.ts';
import { GalleryError } from '../gallery/gallery-error.ts';
import type { GalleryModel } from '../store/store.ts';
import { createEmbedder, type Embedder, type EmbedderTriton } from '../triton-embedder.ts';
import type { ReembedEngine } from './embed-templates.ts';

/** What finds and embeds faces, as the product opens it. */
export type OpenedEngine = {
  readonly finder: FaceFinder | null;
  readonly embedder: Embedder | null;
  readonly client: EmbedderTriton | null;
  /** Where the embedder is installed, beside the others. */
  readonly embedderModel: { readonly dir: string } | null;
};

/**
 * The engine with the model that made a gallery's vectors, where that is installed and served, too.
 * @throws GalleryError where a part is not there
 */
export async function toReembedEngine(
  { finder, embedder, client, embedderModel }: OpenedEngine,
  old: GalleryModel,
  signal: AbortSignal,
): Promise<ReembedEngine> {
  if (!finder || !embedder || !client || !embedderModel) {
    throw new GalleryError('expected a detector and a Triton, embedded or named by detector.url and triton.url');
  }
  const repository = path.dirname(embedderModel.dir);
  return { finder, embedder, old: await openOld(client, path.join(repository, old.name), old, signal) };
}

async function openOld(
  client: EmbedderTriton,
  dir: string,
  { fingerprint }: GalleryModel,
  signal: AbortSignal,
): Promise<ReembedEngine['old']> {
  const card = await readCard(dir).catch(() => null);
  if (card?.fingerprint !== fingerprint) return null;
  const embedder = createEmbedder({ client, card });
  return (await embedder.ready({ signal })).ok ? { embedder, card } : null;
}
