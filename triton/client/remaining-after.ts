import { errorOf } from './infer-message.ts';
import type { CallOptions, InferRequest } from './triton-client.ts';
import { TritonError } from './triton-error.ts';

/**
 * Waits for something that other calls wait for too, no longer than this call's signal and deadline allow.
 * @returns the limits, less the time that passed
 * @throws TritonError `CANCELLED` or `DEADLINE_EXCEEDED`, or the error of what was waited for
 */
export async function remainingAfter(
  work: Promise<void>,
  limits: CallOptions & { readonly deadlineMs: number },
  request: InferRequest,
): Promise<CallOptions> {
  const { signal, deadlineMs } = limits;
  const began = Date.now();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(errorOf('CANCELLED', 'the call was cancelled by its signal', request, signal?.reason));
  };
  const timer = setTimeout(() => {
    reject(errorOf('DEADLINE_EXCEEDED', `expected the model's configuration within ${deadlineMs} ms`, request));
  }, deadlineMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    await Promise.race([work, over]);
  } catch (error) {
    // What others wait for too knows nothing of this request's id.
    const foreign = error instanceof TritonError && error.requestId !== request.id;
    throw foreign ? errorOf(error.code, error.message, request, error) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
  return { ...limits, deadlineMs: deadlineMs - (Date.now() - began) };
}
