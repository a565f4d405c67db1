import { setTimeout as delay } from 'node:timers/promises';
import { TritonError } from './triton-error.ts';

export type RetryLimits = {
  /** Attempts after the first. */
  readonly retries: number;
  /** `Date.now()` after which nothing is begun. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
};

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * The result of the first attempt that succeeds. Between attempts passes a random time up to 100 ms, 200 ms, 400 ms … 2 s
 * ("full jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). Rejects with the last attempt's
 * error: one that is not transient, or when the retries are used up or the deadline would pass during the pause.
 *
 * Not by grpc-js's own `retryPolicy`: that one holds every message until its answer, gives up on messages beyond its buffer
 * of 1 MiB, cannot be turned off for a call, and repeats a message that is too large.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { retries, deadline, signal }: RetryLimits,
): Promise<T> {
  for (let done = 0; ; done++) {
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** done);
      if (!isTransient(error) || done >= retries || Date.now() + pauseMs >= deadline) throw error;
      // The next attempt says that the signal has fired.
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * Whether the same request may succeed a moment later. RESOURCE_EXHAUSTED is also how gRPC libraries refuse a message of too
 * many bytes, which no retry makes smaller. Only their texts tell: "Received message larger than max (…)" and "Sent message
 * larger than max (…)" of gRPC's core, grpc-js and grpc-java, "… a size larger than …" of grpc-js.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof TritonError)) return false;
  if (error.code === 'RESOURCE_EXHAUSTED') return !/message.*larger than/i.test(error.message);
  return error.code === 'UNAVAILABLE';
}
