import type { DetectedFace } from '../detector/core/detected-face.ts';
import type { FaceFinder } from '../detector/face-finder.ts';
import type { QualityConfig } from './config.ts';
import { type Candidate, confidenceOf, type DecisionRule, decide, expectedFpir, type Verdict } from './core/decide.ts';
import type { FaceQuality } from './core/measure-quality.ts';
import type { DecisionRules, RuleRequest } from './decision-rules.ts';
import { type EmbeddedFaces, embedFaces, type PhotoSearch } from './embed-faces.ts';
import type { ApiMetrics } from './prom-api-metrics.ts';
import { defaultGallery, type SearchOptions, type Store } from './store/store.ts';
import type { Embedder } from './triton-embedder.ts';

export type IdentifyDeps = {
  readonly finder: FaceFinder;
  readonly embedder: Embedder;
  readonly store: Store;
  readonly rules: DecisionRules;
  readonly quality: QualityConfig;
  /** Set by the app; absent: nothing is counted. */
  readonly metrics?: ApiMetrics;
};

export type IdentifyOptions = RuleRequest & {
  /** The default one where none is named. */
  readonly gallery?: string;
  /** How many candidates a face comes with; absent: none are listed. */
  readonly topK?: number | undefined;
  /** What a face is compared with: each template (the default), or one vector per person. */
  readonly by?: SearchOptions['by'] | undefined;
  readonly search?: PhotoSearch;
  readonly signal: AbortSignal;
};

export type IdentifiedFace = {
  readonly face: DetectedFace;
  readonly verdict: Verdict;
  /** Unit vector. */
  readonly embedding: Float32Array;
  /** Where it was asked for. */
  readonly quality?: FaceQuality;
  /** Best first, below the threshold too; present when `topK` was asked for, and of an ambiguous face at least two. */
  readonly candidates?: readonly (Candidate & { readonly confidence: number | null })[];
};

/** The rule of a decision, and what it means in a gallery of this size. */
export type AppliedRule = Pick<DecisionRule, 'threshold' | 'fmr' | 'margin'> & {
  readonly by: NonNullable<SearchOptions['by']>;
  /** Templates, or people, that each face was compared with. */
  readonly comparisons: number;
  /** See `expectedFpir`. */
  readonly expectedFpir: number | null;
};

export type Identification = Omit<EmbeddedFaces, 'faces'> & {
  /** Largest face first. */
  readonly faces: readonly IdentifiedFace[];
  readonly rule: AppliedRule;
};

/** The nearest, and the one that it may be mistaken for. */
const contenders = 2;

/** Who is in a photo: image bytes in, one verdict per face out. Rejects with `ServiceError` or with the signal's reason. */
export async function identify(
  deps: IdentifyDeps,
  image: Uint8Array,
  options: IdentifyOptions,
): Promise<Identification> {
  const { store, rules, metrics } = deps;
  const { topK = 0, by = 'template', search = {}, signal } = options;
  const found = await embedFaces(deps, image, search, { signal });
  const probes = found.faces.map(({ embedding }) => embedding);
  const gallery = store.gallery(options.gallery ?? defaultGallery);
  const [nearest, { identities, templates }] = await Promise.all([
    gallery.search(probes, { topK: Math.max(topK, contenders), by, signal }),
    gallery.describe(),
  ]);
  const searched = performance.now();
  const rule = rules.ruleFor(found.detector, options);
  const comparisons = by === 'person' ? identities : templates;
  const faces = found.faces.map((embedded, i): IdentifiedFace => {
    const verdict = decide(nearest[i] ?? [], rule);
    const listed = verdict.decision === 'ambiguous' ? Math.max(topK, contenders) : topK;
    if (listed === 0) return { ...embedded, verdict };
    const candidates = (nearest[i] ?? []).slice(0, listed);
    return {
      ...embedded,
      verdict,
      candidates: candidates.map(c => ({ ...c, confidence: confidenceOf(c.score, rule.curve) })),
    };
  });
  metrics?.took('decide', (performance.now() - searched) / 1000);
  metrics?.decided(faces.map(({ verdict }) => verdict));
  const { threshold, fmr, margin } = rule;
  const applied = { threshold, fmr, margin, by, comparisons, expectedFpir: expectedFpir(fmr, comparisons) };
  return { ...found, faces, rule: applied };
}
