import { errorTable, ServiceError } from '../detector/errors.ts';
import { decodeBase64Image } from '../detector/http/decode-base64-image.ts';
import { type DecisionRule, decide, type Verdict } from './core/decide.ts';
import { mapConcurrently } from './core/map-concurrently.ts';
import { cosine } from './core/similarity.ts';
import type { RuleRequest } from './decision-rules.ts';
import { type EmbeddedFaces, embedFaces } from './embed-faces.ts';
import type { IdentifyDeps } from './identify.ts';

/** The two images of a comparison, in base64, by the names that they have in the request. */
export type VerifyRequest = { readonly source_image: string; readonly target_image: string };

export type VerifyOptions = RuleRequest & {
  /** Whether both faces are measured as well. */
  readonly quality?: boolean;
  readonly maxImageBytes: number;
  readonly signal: AbortSignal;
};

export type VerifiedFace = Pick<EmbeddedFaces['faces'][number], 'face' | 'quality'>;

export type Verification = Pick<EmbeddedFaces, 'model' | 'detector'> &
  Pick<Verdict, 'decision' | 'confidence'> & {
    readonly score: number;
    readonly source: VerifiedFace;
    readonly target: VerifiedFace;
    readonly rule: Pick<DecisionRule, 'threshold' | 'fmr'>;
  };

/**
 * Whether the largest faces of two photos are the same person's. No gallery is asked. Rejects with `ServiceError`, NO_FACE naming
 * the images without one, or with the signal's reason.
 */
export async function verify(
  deps: IdentifyDeps,
  request: VerifyRequest,
  { quality = false, maxImageBytes, signal, ...rule }: VerifyOptions,
): Promise<Verification> {
  const names = ['source_image', 'target_image'] as const;
  const looked = await mapConcurrently(names, { limit: names.length, signal }, (name, _, signal) =>
    aboutImage(name, async () =>
      embedFaces(deps, decodeBase64Image(request[name], maxImageBytes), { maxFaces: 1, quality }, { signal }),
    ),
  );
  const issues = names
    .filter((_, i) => looked[i]?.faces.length === 0)
    .map(name => ({ path: `body.${name}`, message: 'no face was found' }));
  const [source, target] = looked.map(({ faces: [largest] }) => largest);
  if (!source || !target) throw noFace(issues);
  const { model, detector } = looked[0]!;
  const score = cosine(source.embedding, 0, target.embedding, 0, source.embedding.length);
  // Nobody has an id here: the verdict on a single candidate is the decision.
  const applied = deps.rules.ruleFor(detector, rule);
  const { decision, confidence } = decide([{ id: 0, score }], applied);
  return { decision, score, confidence, source, target, rule: applied, model, detector };
}

function noFace(issues: readonly { readonly path: string; readonly message: string }[]): ServiceError {
  const detail = issues.map(({ path, message }) => `${path}: ${message}`).join('\n');
  return new ServiceError('NO_FACE', detail, { extra: { issues } });
}

/** Says which of the images an error is about where it is an image's own. */
async function aboutImage<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServiceError) || errorTable[error.code].status >= 500) throw error;
    const { code, message, extra } = error;
    throw new ServiceError(code, `body.${name}: ${message}`, { extra, cause: error });
  }
}
