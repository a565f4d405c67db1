import { createHash } from 'node:crypto';
import { ServiceError } from '../detector/errors.ts';
import { embedFaces } from './embed-faces.ts';
import type { IdentifyDeps } from './identify.ts';
import type { NewTemplate } from './store/store.ts';

/** The largest face of a photo, which an identity is said not to be. Rejects as `embedFaces`, and with NO_FACE. */
export async function largestFace(
  deps: Pick<IdentifyDeps, 'finder' | 'embedder'>,
  image: Uint8Array,
  signal: AbortSignal,
): Promise<NewTemplate> {
  const { faces, detector } = await embedFaces(deps, image, { maxFaces: 1 }, { signal });
  const [largest] = faces;
  if (largest === undefined) throw new ServiceError('NO_FACE', 'No face was found');
  return { vector: largest.embedding, detector, sourceSha256: createHash('sha256').update(image).digest('hex') };
}
