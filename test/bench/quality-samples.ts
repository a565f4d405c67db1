import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DetectedFace } from '../../detector/core/detected-face.ts';
import type { FaceFinder, FoundFaces } from '../../detector/face-finder.ts';
import { mapConcurrently } from '../../face_id_api/core/map-concurrently.ts';
import { type FaceQuality, measureQuality } from '../../face_id_api/core/measure-quality.ts';
import { cosine } from '../../face_id_api/core/similarity.ts';
import type { PhotoPair } from '../../face_id_api/eval/lfw-folder.ts';
import type { Embedder } from '../../face_id_api/triton-embedder.ts';
import { cropSpecs } from '../../triton/core/crop-spec.ts';
import { type PhotoFault, photoFaults } from './photo-faults.ts';

/** One photo under one fault: its face's measures, and how like the good photo of the same person it is; null where no face was found. */
export type QualitySample = {
  readonly fault: string;
  readonly face: { readonly quality: FaceQuality; readonly score: number } | null;
};

export type SampleOptions = {
  readonly finder: FaceFinder;
  readonly embedder: Embedder;
  /** Folder that the photos' paths start at. */
  readonly root: string;
  readonly onPair: () => void;
};

type Looked = { readonly quality: FaceQuality; readonly embedding: Float32Array };

/** The first photo of each pair of one person as it is, the second under every fault. Pairs without a face in the first are left out. */
export async function collectSamples(
  pairs: readonly PhotoPair[],
  { finder, embedder, root, onPair }: SampleOptions,
): Promise<QualitySample[]> {
  const { signal } = new AbortController();

  async function look(photo: Buffer): Promise<Looked | null> {
    const found = await finder.find(photo, { crop: embedder.model.crop }, { signal });
    const index = centralFace(found);
    if (index === -1 || found.crops === null) return null;
    const spec = cropSpecs[embedder.model.crop];
    const bytes = found.crops.length / found.faces.length;
    const pixels = found.crops.slice(index * bytes, (index + 1) * bytes);
    const quality = measureQuality(found.faces[index]!, { pixels, spec, photo: found.image });
    const [embedding] = await embedder.embed(pixels, 1, { signal });
    return { quality, embedding: embedding! };
  }

  async function sampleOf(fault: PhotoFault, photo: Buffer, good: Looked): Promise<QualitySample> {
    const looked = await look(await fault.apply(photo));
    if (looked === null) return { fault: fault.name, face: null };
    const { quality, embedding } = looked;
    return { fault: fault.name, face: { quality, score: cosine(embedding, 0, good.embedding, 0, embedding.length) } };
  }

  const samples = await mapConcurrently(pairs, { limit: 3, signal }, async ({ first, second }) => {
    const good = await look(await readFile(path.join(root, first)));
    const photo = await readFile(path.join(root, second));
    const each: QualitySample[] = [];
    for (const fault of good === null ? [] : photoFaults) each.push(await sampleOf(fault, photo, good!));
    onPair();
    return each;
  });
  return samples.flat();
}

/** In LFW's layout the person of the folder is the one in the middle. −1 without faces. */
function centralFace({ faces, image }: FoundFaces): number {
  const distances = faces.map(({ box: [x1, y1, x2, y2] }: DetectedFace) =>
    Math.hypot((x1 + x2 - image.width) / 2, (y1 + y2 - image.height) / 2),
  );
  return distances.indexOf(Math.min(...distances));
}
