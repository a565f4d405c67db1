import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ErrorCode, ServiceError } from '../../detector/errors.ts';

export type InFlightOptions = {
  /** At once. */
  readonly most: number;
  /** What the requests are, for people. */
  readonly what: string;
  /** Those with the same answer are counted together, those with null not at all; by default all together. */
  readonly groupOf?: (request: FastifyRequest) => string | null;
  readonly code?: ErrorCode;
};

/**
 * Refuses requests of this scope beyond `most` at once, by default with OVERLOADED, before their bodies are read: each may hold tens of
 * megabytes.
 */
export function limitInFlight(app: FastifyInstance, options: InFlightOptions): void {
  const { most, what, groupOf = () => '', code = 'OVERLOADED' } = options;
  const inFlight = new Map<string, number>();
  app.addHook('onRequest', async (request, reply) => {
    const group = groupOf(request);
    if (group === null) return;
    const before = inFlight.get(group) ?? 0;
    if (before >= most)
      throw new ServiceError(code, `Expected at most ${most} ${what} at once`, { retryAfterSeconds: 1 });
    inFlight.set(group, before + 1);
    // Once per response, whether it was finished or its client left.
    reply.raw.once('close', () => {
      const left = (inFlight.get(group) ?? 1) - 1;
      if (left > 0) inFlight.set(group, left);
      else inFlight.delete(group);
    });
  });
}
