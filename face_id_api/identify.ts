import type { DetectedFace } from '../detector/core/detected-face.ts';
import type { FaceFinder, SearchLimits } from '../detector/face-finder.ts';
import { type Candidate, confidenceOf, decide, type Verdict } from './core/decide.ts';
import type { DecisionRules, RuleRequest } from './decision-rules.ts';
import { type EmbeddedFaces, embedFaces } from './embed-faces.ts';
import type { ApiMetrics } from './prom-api-metrics.ts';
import { defaultGallery, type Store } from './store/store.ts';
import type { Embedder } from './triton-embedder.ts';

export type IdentifyDeps = {
  readonly finder: FaceFinder;
  readonly embedder: Embedder;
  readonly store: Store;
  readonly rules: DecisionRules;
  /** Set by the app; absent: nothing is counted. */
  readonly metrics?: ApiMetrics;
};

export type IdentifyOptions = RuleRequest & {
  /** The default one where none is named. */
  readonly gallery?: string;
  /** How many candidates a face comes with; absent: none are listed. */
  readonly topK?: number | undefined;
  readonly search?: SearchLimits;
  readonly signal: AbortSignal;
};

export type IdentifiedFace = {
  readonly face: DetectedFace;
  readonly verdict: Verdict;
  /** Unit vector. */
  readonly embedding: Float32Array;
  /** Best first, below the threshold too; present when `topK` was asked for. */
  readonly candidates?: readonly (Candidate & { readonly confidence: number | null })[];
};

export type Identification = Omit<EmbeddedFaces, 'faces'> & {
  /** Largest face first. */
  readonly faces: readonly IdentifiedFace[];
};

/** Who is in a photo: image bytes in, one verdict per face out. Rejects with `ServiceError` or with the signal's reason. */
export async function identify(
  deps: IdentifyDeps,
  image: Uint8Array,
  options: IdentifyOptions,
): Promise<Identification> {
  const { store, rules, metrics } = deps;
  const { gallery = defaultGallery, topK, search = {}, signal } = options;
  const found = await embedFaces(deps, image, search, { signal });
  const probes = found.faces.map(({ embedding }) => embedding);
  const nearest = await store.gallery(gallery).search(probes, { topK: topK ?? 1, signal });
  const searched = performance.now();
  const rule = rules.ruleFor(found.detector, options);
  const faces = found.faces.map(({ face, embedding }, i) => {
    const candidates = nearest[i] ?? [];
    const verdict = decide(candidates[0], rule);
    if (topK === undefined) return { face, embedding, verdict };
    const withConfidence = candidates.map(c => ({ ...c, confidence: confidenceOf(c.score, rule.curve) }));
    return { face, embedding, verdict, candidates: withConfidence };
  });
  metrics?.took('decide', (performance.now() - searched) / 1000);
  metrics?.decided(faces.map(({ verdict }) => verdict));
  return { ...found, faces };
}
