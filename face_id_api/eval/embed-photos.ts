import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DetectedFace } from '../../detector/core/detected-face.ts';
import type { FaceFinder, FoundFaces } from '../../detector/face-finder.ts';
import type { CropName } from '../../triton/core/crop-spec.ts';
import type { Embedder } from '../triton-embedder.ts';

export type EmbedPhotosOptions = {
  readonly finder: FaceFinder;
  readonly embedder: Embedder;
  readonly crop: CropName;
  /** Folder that the photos' paths start at. */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly onPhoto: () => void;
};

/**
 * Embeds the central face of every photo: in LFW's layout the person of the folder is the one in the middle.
 * @returns unit vectors by photo; photos without a face are in `withoutFace`
 */
export async function embedPhotos(photos: readonly string[], options: EmbedPhotosOptions) {
  const { finder, embedder, crop, root, signal, onPhoto } = options;
  const embeddings = new Map<string, Float32Array>();
  const withoutFace: string[] = [];
  const waiting = [...photos];

  async function work(): Promise<void> {
    for (let photo = waiting.shift(); photo !== undefined; photo = waiting.shift()) {
      const found = await finder.find(await readFile(path.join(root, photo)), { crop }, { signal });
      const face = centralFace(found);
      if (face === undefined) withoutFace.push(photo);
      else embeddings.set(photo, (await embedder.embed(cropOf(found, face), 1, { signal }))[0]!);
      onPhoto();
    }
  }
  // A few at once keep detector, wire and embedder busy at the same time and let the server form batches.
  await Promise.all(Array.from({ length: 8 }, work));
  return { embeddings, withoutFace };
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
