import type { IdentifyDeps } from './identify.ts';

export type Check = { readonly state: 'ok' | 'degraded' | 'missing'; readonly reason?: string };

/** What the service needs, and how each is; `degraded` still answers, with less. */
export type Readiness = {
  readonly status: 'ready' | 'degraded' | 'not_ready';
  readonly checks: Readonly<Record<'detector' | 'embedder' | 'store' | 'decision', Check>>;
};

type Answer =
  | { readonly ok: true; readonly detector?: string; readonly degraded?: string }
  | { readonly ok: false; readonly reason: string };

/** Asks everything at once; what has not answered when the signal fires is missing. Never rejects. */
export async function checkReadiness(deps: IdentifyDeps, signal: AbortSignal): Promise<Readiness> {
  const { finder, embedder, store } = deps;
  const [detector, model, gallery] = await Promise.all([
    answer(finder.ready(), signal),
    answer(embedder.ready({ signal }), signal),
    answer(store.ready(), signal),
  ]);
  const checks = {
    detector: toCheck(detector),
    embedder: toCheck(model),
    store: toCheck(gallery),
    decision: checkDecision(deps, detector),
  };
  const states = Object.values(checks).map(({ state }) => state);
  const status = states.includes('missing') ? 'not_ready' : states.includes('degraded') ? 'degraded' : 'ready';
  return { status, checks };
}

async function answer(work: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const { promise: late, resolve } = Promise.withResolvers<Answer>();
  const onAbort = (): void => resolve({ ok: false, reason: 'does not answer in time' });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  const failed = (error: unknown): Answer => ({ ok: false, reason: error instanceof Error ? error.message : 'failed' });
  return Promise.race([work.catch(failed), late]).finally(() => signal.removeEventListener('abort', onAbort));
}

function toCheck(answered: Answer): Check {
  if (!answered.ok) return { state: 'missing', reason: answered.reason };
  return answered.degraded === undefined ? { state: 'ok' } : { state: 'degraded', reason: answered.degraded };
}

/** Which rule applies depends on who looks, so nothing is said while the detector does not answer. */
function checkDecision({ rules }: IdentifyDeps, detector: Answer): Check {
  if (!detector.ok || detector.detector === undefined)
    return { state: 'missing', reason: 'the detector is not known yet' };
  const problem = rules.problemWith(detector.detector);
  if (problem !== null) return { state: 'missing', reason: problem };
  if (rules.calibrationFor(detector.detector) !== null) return { state: 'ok' };
  return {
    state: 'degraded',
    reason: `nothing was measured behind detector '${detector.detector}': confidence is null, and fmr cannot be asked for`,
  };
}
