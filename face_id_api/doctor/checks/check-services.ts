import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import { askOwnService } from '../ask-own-service.ts';
import { type CheckContext, type Finding, fault, ok, reasonOf, warning } from '../finding.ts';

const answerMs = 5000;

/** The services at addresses, and this one itself where it runs. */
export async function checkServices(context: CheckContext): Promise<Finding[]> {
  const found = await Promise.all([checkTriton(context), checkDetector(context), checkApi(context)]);
  return found.flat();
}

async function checkTriton({ config: { triton, models }, signal }: CheckContext): Promise<Finding[]> {
  if (triton.url === 'embedded') return [];
  const check = 'triton.url';
  const client = createTritonClient({ address: triton.url, deadlineMs: answerMs });
  try {
    const { name, version } = await client.serverMetadata({ signal });
    const answers = ok(check, `${name} ${version} answers at ${triton.url}`);
    if (await client.modelReady(models.embedder, { signal }))
      return [answers, ok(check, `${models.embedder} is READY there`)];
    const remedy = `Let that server serve ${triton.model_repository}/${models.embedder}, or load it: docs/triton.md.`;
    return [answers, fault(check, `${models.embedder} is not READY there`, remedy)];
  } catch (error) {
    const remedy = 'Start it, correct triton.url (host:port of its gRPC, usually 8001), or set it to embedded.';
    return [fault(check, `${triton.url} does not answer: ${reasonOf(error)}`, remedy)];
  } finally {
    await client.close();
  }
}

async function checkDetector({ config: { detector }, signal }: CheckContext): Promise<Finding[]> {
  if (detector.url === 'embedded') return [];
  const check = 'detector.url';
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    const reply = await fetch(new URL('/readyz', detector.url), { signal: limit });
    if (reply.ok) return [ok(check, `a detector answers at ${detector.url}`)];
    const remedy = 'Its log says what it lacks; `face-id doctor` on its machine says more.';
    return [fault(check, `${detector.url} is not ready: it answered ${reply.status}`, remedy)];
  } catch (error) {
    const remedy = 'Start it with `face-id serve detector`, correct detector.url, or set it to embedded.';
    return [fault(check, `${detector.url} does not answer: ${causeOf(error)}`, remedy)];
  }
}

/** A service that runs says itself what it lacks; that none runs is no fault. */
async function checkApi(context: CheckContext): Promise<Finding[]> {
  const check = 'service';
  const { url, readiness } = await askOwnService(context);
  if (readiness === null) return [ok(check, 'does not run; `face-id serve` starts it')];
  const { status, checks } = readiness;
  if (status === 'ready') return [ok(check, `runs at ${url} and is ready`)];
  const lacking = Object.entries(checks).flatMap(([name, { state, reason = state }]) =>
    state === 'ok' ? [] : [`${name}: ${reason}`],
  );
  const message = `runs at ${url}; ${lacking.join('; ')}`;
  const remedy = 'Its log says more. A part that is missing is looked for again with every request.';
  return [status === 'degraded' ? warning(check, message, remedy) : fault(check, message, remedy)];
}

/** fetch says only that it failed; what failed is in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : reasonOf(error);
}
