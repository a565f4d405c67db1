import type { DetectedFace } from '../detector/core/detected-face.ts';
import type { FaceFinder } from '../detector/face-finder.ts';
import type { QualityConfig } from './config.ts';
import { type Candidate, confidenceOf, type DecisionRule, decide, expectedFpir, type Verdict } from './core/decide.ts';
import type { FaceQuality } from './core/measure-quality.ts';
import { candidatesToList, isStruck, strikeRejected } from './core/strike-rejected.ts';
import type { DecisionRules, RuleRequest } from './decision-rules.ts';
import { type EmbeddedFaces, embedFaces, type PhotoSearch } from './embed-faces.ts';
import type { ApiMetrics } from './prom-api-metrics.ts';
import { searchPastRejected } from './search-past-rejected.ts';
import { defaultGallery, type SearchOptions, type Store } from './store/store.ts';
import type { Embedder } from './triton-embedder.ts';
import type { UnknownKeeper } from './unknown-keeper.ts';
import { unknownsToKeep } from './unknowns-to-keep.ts';

export type IdentifyDeps = {
  readonly finder: FaceFinder;
  readonly embedder: Embedder;
  readonly store: Store;
  readonly rules: DecisionRules;
  readonly quality: QualityConfig;
  /** Set by the app; absent: nothing is counted. */
  readonly metrics?: ApiMetrics;
  /** Set by the app; absent: nobody unknown is kept. */
  readonly keeper?: Pick<UnknownKeeper, 'keeps' | 'keep'>;
  /** Told what was decided about a photo before it is answered. Rejects where that cannot be written down. */
  readonly onIdentified?: (gallery: string, verdicts: readonly Verdict[]) => Promise<void>;
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
  /** Identities that are nearer, and struck because the face resembles one that is known not to be theirs; absent for none. */
  readonly rejected?: number;
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

export type Identification = Omit<EmbeddedFaces, 'faces' | 'crops'> & {
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
  const { store, rules, metrics, keeper } = deps;
  const { topK = 0, by = 'template', search = {}, signal } = options;
  // By a rule of the request's own somebody who is enrolled may be unknown.
  const isKeeping = keeper?.keeps === true && options.threshold === undefined && options.fmr === undefined;
  const keepCrops = isKeeping && deps.quality.gate === 'refuse';
  const { crops = null, ...found } = await embedFaces(deps, image, { ...search, keepCrops }, { signal });
  const probes = found.faces.map(({ embedding }) => embedding);
  const name = options.gallery ?? defaultGallery;
  const gallery = store.gallery(name);
  const rule = rules.ruleFor(found.detector, options);
  const wanted = { topK: Math.max(topK, contenders), left: contenders, threshold: rule.threshold };
  const [nearest, { identities, templates }] = await Promise.all([
    searchPastRejected(gallery, probes, { ...wanted, by, signal }),
    gallery.describe(),
  ]);
  const searched = performance.now();
  const comparisons = by === 'person' ? identities : templates;
  const faces = found.faces.map((embedded, i): IdentifiedFace => {
    const all = nearest[i] ?? [];
    const left = strikeRejected(all, rule.threshold);
    const verdict = decide(left, rule);
    const rejected = all.filter(c => c.score >= rule.threshold && isStruck(c, rule.threshold)).length;
    const listed = candidatesToList(all, left, { topK, isAmbiguous: verdict.decision === 'ambiguous' });
    return {
      ...embedded,
      verdict,
      ...(rejected > 0 && { rejected }),
      ...(listed && { candidates: listed.map(c => ({ ...c, confidence: confidenceOf(c.score, rule.curve) })) }),
    };
  });
  metrics?.took('decide', (performance.now() - searched) / 1000);
  if (isKeeping) keeper.keep(name, await unknownsToKeep(deps, { ...found, crops, faces }, signal));
  metrics?.decided(faces.map(({ verdict }) => verdict));
  metrics?.rejected(faces.filter(({ rejected }) => rejected !== undefined).length);
  await deps.onIdentified?.(
    name,
    faces.map(({ verdict }) => verdict),
  );
  const { threshold, fmr, margin } = rule;
  const applied = { threshold, fmr, margin, by, comparisons, expectedFpir: expectedFpir(fmr, comparisons) };
  return { ...found, faces, rule: applied };
}
