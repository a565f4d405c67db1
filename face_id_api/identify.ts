import type { DetectedFace } from '../detector/core/detected-face.ts';
import type { FaceFinder, FoundFaces } from '../detector/face-finder.ts';
import { type Candidate, confidenceOf, decide, type Verdict } from './core/decide.ts';
import type { DecisionRules, RuleRequest } from './decision-rules.ts';
import type { ApiMetrics } from './prom-api-metrics.ts';
import type { Store } from './store/store.ts';
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
  /** How many candidates a face comes with; absent: none are listed. */
  readonly topK?: number | undefined;
  readonly signal: AbortSignal;
};

export type IdentifiedFace = {
  readonly face: DetectedFace;
  readonly verdict: Verdict;
  /** Best first, below the threshold too; present when `topK` was asked for. */
  readonly candidates?: readonly (Candidate & { readonly confidence: number | null })[];
};

export type Identification = Pick<FoundFaces, 'image' | 'detector'> & {
  readonly model: Awaited<ReturnType<Embedder['describe']>>;
  /** Largest face first. */
  readonly faces: readonly IdentifiedFace[];
};

const none = new Uint8Array(0);

/** Who is in a photo: image bytes in, one verdict per face out. Rejects with `ServiceError` or with the signal's reason. */
export async function identify(
  deps: IdentifyDeps,
  image: Uint8Array,
  options: IdentifyOptions,
): Promise<Identification> {
  const { finder, embedder, store, rules, metrics } = deps;
  const { topK, signal } = options;
  const model = await embedder.describe({ signal });
  const found = await finder.find(image, { crop: embedder.model.crop }, { signal });
  const embeddings = await embedder.embed(found.crops ?? none, found.faces.length, { signal });
  const nearest = await store.search(embeddings, topK ?? 1, { signal });
  const searched = performance.now();
  const rule = rules.ruleFor(found.detector, options);
  const faces = found.faces.map((face, i) => {
    const candidates = nearest[i] ?? [];
    const verdict = decide(candidates[0], rule);
    if (topK === undefined) return { face, verdict };
    const withConfidence = candidates.map(c => ({ ...c, confidence: confidenceOf(c.score, rule.curve) }));
    return { face, verdict, candidates: withConfidence };
  });
  metrics?.took('decide', (performance.now() - searched) / 1000);
  metrics?.decided(faces.map(({ verdict }) => verdict));
  return { image: found.image, detector: found.detector, model, faces };
}
