import type { DetectedFace } from '../detector/core/detected-face.ts';
import type { FoundFaces, SearchLimits } from '../detector/face-finder.ts';
import type { FaceQuality } from './core/measure-quality.ts';
import type { IdentifyDeps } from './identify.ts';
import { measureFaces } from './measure-faces.ts';
import type { CallLimits, Embedder } from './triton-embedder.ts';

export type PhotoSearch = SearchLimits & {
  /** Whether each face is measured as well. */
  readonly quality?: boolean | undefined;
  /** Whether the crops are kept, to measure faces later. */
  readonly keepCrops?: boolean;
};

export type EmbeddedFaces = Pick<FoundFaces, 'image' | 'detector'> & {
  readonly model: Awaited<ReturnType<Embedder['describe']>>;
  /** Where they were asked for. */
  readonly crops?: FoundFaces['crops'];
  /** Largest face first. */
  readonly faces: readonly {
    readonly face: DetectedFace;
    readonly embedding: Float32Array;
    readonly quality?: FaceQuality;
  }[];
};

const none = new Uint8Array(0);

/** The faces of a photo with their unit vectors. Nobody is looked up. Rejects with `ServiceError` or with the signal's reason. */
export async function embedFaces(
  { finder, embedder }: Pick<IdentifyDeps, 'finder' | 'embedder'>,
  image: Uint8Array,
  { quality = false, keepCrops = false, ...search }: PhotoSearch,
  limits: CallLimits,
): Promise<EmbeddedFaces> {
  const model = await embedder.describe(limits);
  const found = await finder.find(image, { ...search, crop: embedder.model.crop }, limits);
  // Triton works meanwhile.
  const [embeddings, measured] = await Promise.all([
    embedder.embed(found.crops ?? none, found.faces.length, limits),
    quality ? measureFaces(found, embedder.model.crop, limits.signal) : [],
  ]);
  const faces = found.faces.map((face, i) => ({
    face,
    embedding: embeddings[i]!,
    ...(measured[i] && { quality: measured[i] }),
  }));
  return { image: found.image, detector: found.detector, model, faces, ...(keepCrops && { crops: found.crops }) };
}
