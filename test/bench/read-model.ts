import type { GalleryModel } from '../../face_id_api/store/store.ts';
import { startProductProcess } from './product-process.ts';

/** The product's embedder, so that the product takes the galleries for its own. */
export async function readModel(dataDir: string): Promise<GalleryModel> {
  const product = await startProductProcess({ DATA_DIR: dataDir });
  try {
    const { models } = (await (await fetch(`${product.apiUrl}/models`)).json()) as {
      models: { name: string; kind: string; fingerprint: string }[];
    };
    const embedder = models.find(({ kind }) => kind === 'embedder');
    if (embedder === undefined) throw new Error('GET /models lists no embedder');
    return { name: embedder.name, fingerprint: embedder.fingerprint, dimension: 128 };
  } finally {
    await product.close();
  }
}
