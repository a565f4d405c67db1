import type { FoundFaces } from '../detector/face-finder.ts';
import { qualityFaults, thresholdsFor } from './core/quality-faults.ts';
import type { IdentifiedFace, IdentifyDeps } from './identify.ts';
import { measureFaces } from './measure-faces.ts';
import type { NewUnknown } from './store/teaching.ts';

export type IdentifiedPhoto = Pick<FoundFaces, 'image' | 'detector' | 'crops'> & {
  readonly faces: readonly IdentifiedFace[];
};

/**
 * The faces of a photo that nobody was found for. Where the configured gate refuses, those of them that fall short are left out: a group
 * of unknown faces may be enrolled, and there is no photo to measure by then. Rejects with the signal's reason.
 */
export async function unknownsToKeep(
  { embedder, quality: { gate, thresholds } }: Pick<IdentifyDeps, 'embedder' | 'quality'>,
  { image, detector, crops, faces }: IdentifiedPhoto,
  signal: AbortSignal,
): Promise<Omit<NewUnknown, 'seen'>[]> {
  const unknown = [...faces.keys()].filter(i => faces[i]!.verdict.decision === 'unknown');
  const toUnknown = (i: number) => ({ vector: faces[i]!.embedding, detector });
  if (gate !== 'refuse') return unknown.map(toUnknown);
  const found = { image, crops, faces: faces.map(({ face }) => face) };
  const measured = unknown.every(i => faces[i]!.quality)
    ? unknown.map(i => faces[i]!.quality!)
    : await measureFaces(found, embedder.model.crop, signal, unknown);
  const least = thresholdsFor(thresholds, detector);
  return unknown.filter((_, n) => qualityFaults(measured[n]!, least).length === 0).map(toUnknown);
}
