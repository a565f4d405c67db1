import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DetectedFace } from '../../detector/core/detected-face.ts';
import { type ErrorCode, ServiceError } from '../../detector/errors.ts';
import type { FaceFinder, FoundFaces } from '../../detector/face-finder.ts';
import type { CropName } from '../../triton/core/crop-spec.ts';
import { mapConcurrently } from '../core/map-concurrently.ts';
import type { Embedder } from '../triton-embedder.ts';
import { EvaluationError } from './evaluation-error.ts';

export type EmbedPhotosOptions = {
  readonly finder: FaceFinder;
  readonly embedder: Embedder;
  readonly crop: CropName;
  /** Folder that the photos' paths start at. */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly onPhoto: () => void;
  /** What is done to a photo before a face is looked for; by default nothing. */
  readonly prepare?: (image: Uint8Array) => Promise<Uint8Array>;
  readonly onFace?: (photo: string, found: EmbeddedFace) => void;
};

/** The face that a photo's embedding is made of, as it was found and cut. */
export type EmbeddedFace = Pick<FoundFaces, 'image'> & {
  readonly face: DetectedFace;
  /** UINT8 [3, s, s], RGB planes. */
  readonly crop: Uint8Array;
};

export type EmbeddedPhotos = {
  /** Unit vectors by photo, in the order of the photos. */
  readonly embeddings: Map<string, Float32Array>;
  /** Failures to acquire: photos without a face and photos that cannot be decoded. */
  readonly failed: string[];
};

/** Codes that are the photo's own fault. */
const photoFaults: ReadonlySet<ErrorCode> = new Set([
  'UNREADABLE',
  'UNSUPPORTED_IMAGE',
  'TOO_LARGE',
  'TOO_MANY_PIXELS',
]);

/**
 * Embeds the central face of every photo: in LFW's layout the person of the folder is the one in the middle.
 * @throws EvaluationError when there is no such photo
 */
export async function embedPhotos(photos: readonly string[], options: EmbedPhotosOptions): Promise<EmbeddedPhotos> {
  const { signal, onPhoto } = options;
  // A few at once keep detector, wire and embedder busy at the same time and let the server form batches.
  const vectors = await mapConcurrently(photos, { limit: 8, signal }, async (photo, _, either) => {
    const vector = await embedPhoto(photo, { ...options, signal: either });
    onPhoto();
    return vector;
  });
  const embeddings = new Map<string, Float32Array>();
  const failed: string[] = [];
  for (const [index, vector] of vectors.entries()) {
    if (vector === null) failed.push(photos[index]!);
    else embeddings.set(photos[index]!, vector);
  }
  return { embeddings, failed };
}

async function embedPhoto(
  photo: string,
  { finder, embedder, crop, root, signal, prepare, onFace }: EmbedPhotosOptions,
): Promise<Float32Array | null> {
  try {
    const image = await readPhoto(path.join(root, photo));
    const found = await finder.find(prepare === undefined ? image : await prepare(image), { crop }, { signal });
    const face = centralFace(found);
    if (face === undefined) return null;
    const cut = cropOf(found, face);
    onFace?.(photo, { image: found.image, face: found.faces[face]!, crop: cut });
    return (await embedder.embed(cut, 1, { signal }))[0]!;
  } catch (error) {
    if (error instanceof ServiceError && photoFaults.has(error.code)) return null;
    throw error;
  }
}

async function readPhoto(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new EvaluationError(`${file}: expected the photo that a list names, but it cannot be read`, {
      cause,
    });
  }
}

/** Index of the face whose box centre lies nearest to the photo's centre; undefined without faces. */
function centralFace({ faces, image }: FoundFaces): number | undefined {
  const distance = ({ box: [x1, y1, x2, y2] }: DetectedFace): number =>
    Math.hypot((x1 + x2 - image.width) / 2, (y1 + y2 - image.height) / 2);
  const distances = faces.map(distance);
  return faces.length === 0 ? undefined : distances.indexOf(Math.min(...distances));
}

function cropOf({ crops, faces }: FoundFaces, index: number): Uint8Array {
  if (crops === null) throw new Error('expected crops, got none: the finder was asked without a crop');
  const bytes = crops.byteLength / faces.length;
  return crops.subarray(index * bytes, (index + 1) * bytes);
}
