import type { FastifyReply } from 'fastify';
import { ServiceError } from '../../detector/errors.ts';
import { requestSignal } from '../../detector/http/request-signal.ts';

/**
 * Runs a request's work under a signal that fires at the deadline or when the client leaves, and rejects then even where the work
 * does not heed it.
 */
export async function withDeadline<T>(
  reply: FastifyReply,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = requestSignal(reply, deadlineMs);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(reasonOf(signal));
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work(signal), aborted]);
  } catch (error) {
    throw signal.aborted && !(error instanceof ServiceError) ? reasonOf(signal) : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function reasonOf({ reason: cause }: AbortSignal): ServiceError {
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new ServiceError('DEADLINE', 'The request took longer than allowed', { cause });
  }
  // Nobody reads this reply; a code of the client's side keeps it out of the log's errors.
  return new ServiceError('INVALID_REQUEST', 'The client left before its reply', { cause });
}
