import type { FaceFinder, FoundFaces } from '../../detector/face-finder.ts';
import type { ModelCard } from '../../triton/card.ts';
import { cosine } from '../core/similarity.ts';
import type { Template } from '../store/store.ts';
import type { Embedder } from '../triton-embedder.ts';

export type ReembedEngine = {
  readonly finder: FaceFinder;
  /** The new model. */
  readonly embedder: Embedder;
  /** The model of the old vectors, which tells the faces of a photo apart; null: not at hand, and the largest face counts. */
  readonly old: { readonly embedder: Embedder; readonly card: ModelCard } | null;
};

/** Why a template could not be carried over, as far as its photo tells. */
export type PhotoFault = 'UNREADABLE' | 'NO_FACE' | 'OTHER_FACE';

/** A template's face by the new model, or why there is none. */
export type NewFace = Pick<Template, 'vector' | 'detector'> | PhotoFault;

/** Of the old model's measured thresholds: what scores below is another face. */
const sameFaceFmr = 0.001;

/**
 * Enrolment took the largest face. A detector that draws its boxes a little otherwise may take another one for it where that has at least
 * this part of its area; who is smaller cannot have been meant, and need not be looked at by two models.
 */
const mistakable = 0.5;

/**
 * The new vectors of the templates that came from a photo, in their order. Where several faces may have been the largest, each takes the one
 * that the old model finds most like its old vector, as long as that is the same person's by the old model's threshold, where one was measured;
 * otherwise, and without the old model, the largest, as enrolment does. Rejects as finder and embedder.
 */
export async function embedTemplates(
  photo: Uint8Array,
  templates: readonly Template[],
  engine: ReembedEngine,
  signal: AbortSignal,
): Promise<NewFace[]> {
  const { finder, embedder } = engine;
  const found = await finder.find(photo, { crop: embedder.model.crop }, { signal });
  if (found.faces.length === 0) return templates.map(() => 'NO_FACE');
  const chosen = await chooseFaces(photo, found, templates, engine, signal);
  const faces = [...new Set(chosen)].filter(face => face !== null);
  const crops = Buffer.concat(faces.map(face => cropOf(found, face)));
  const vectors = await embedder.embed(crops, faces.length, { signal });
  return chosen.map(face =>
    face === null ? 'OTHER_FACE' : { vector: vectors[faces.indexOf(face)]!, detector: found.detector },
  );
}

/** The index of each template's face; null where it is not among them. */
async function chooseFaces(
  photo: Uint8Array,
  found: FoundFaces,
  templates: readonly Template[],
  { finder, embedder, old }: ReembedEngine,
  signal: AbortSignal,
): Promise<(number | null)[]> {
  if (old === null || !hasRivals(found)) return templates.map(() => 0);
  const { crop } = old.embedder.model;
  const cut = crop === embedder.model.crop ? found : await finder.find(photo, { crop }, { signal });
  const seen = await old.embedder.embed(cut.crops ?? new Uint8Array(), cut.faces.length, { signal });
  const least = sameFaceThreshold(old.card, found.detector);
  return templates.map(({ vector }) => {
    const scores = seen.map(face => cosine(face, 0, vector, 0, vector.length));
    const best = Math.max(...scores);
    return best < least ? null : scores.indexOf(best);
  });
}

function hasRivals({ faces }: FoundFaces): boolean {
  const [largest = 0, second = 0] = faces.map(({ box: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1));
  return second >= mistakable * largest;
}

function sameFaceThreshold({ calibration }: ModelCard, detector: string): number {
  const measured = calibration.find(one => one.detector === detector);
  return measured?.thresholds.find(({ fmr }) => fmr === sameFaceFmr)?.threshold ?? -1;
}

function cropOf({ crops, faces }: FoundFaces, index: number): Uint8Array {
  if (crops === null) throw new Error('expected crops, got none: the finder was asked without a crop');
  const bytes = crops.byteLength / faces.length;
  return crops.subarray(index * bytes, (index + 1) * bytes);
}
