import { setImmediate as otherWork } from 'node:timers/promises';
import type { FoundFaces } from '../detector/face-finder.ts';
import { type CropName, cropSpecs } from '../triton/core/crop-spec.ts';
import { type FaceQuality, measureQuality } from './core/measure-quality.ts';

/** Faces that are measured without a pause: a few milliseconds. */
const facesAtOnce = 8;

/**
 * Measures faces as a detector found and cut them: all in their order, or those at `indexes`; of a large crowd a few at a time, so that other
 * requests go on. None without crops. Rejects with the signal's reason.
 */
export async function measureFaces(
  { faces, crops, image }: Pick<FoundFaces, 'faces' | 'crops' | 'image'>,
  crop: CropName,
  signal: AbortSignal,
  indexes: readonly number[] = [...faces.keys()],
): Promise<FaceQuality[]> {
  if (crops === null) return [];
  const spec = cropSpecs[crop];
  const bytes = 3 * spec.size * spec.size;
  const measured: FaceQuality[] = [];
  for (const i of indexes) {
    if (measured.length > 0 && measured.length % facesAtOnce === 0) await otherWork();
    signal.throwIfAborted();
    const pixels = crops.subarray(i * bytes, (i + 1) * bytes);
    measured.push(measureQuality(faces[i]!, { pixels, spec, photo: image }));
  }
  return measured;
}
