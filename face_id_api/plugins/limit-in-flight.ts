import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../../detector/errors.ts';

/**
 * Refuses requests of this scope beyond `most` at once with OVERLOADED, before their bodies are read: each may hold tens of
 * megabytes. `what` they are, for people.
 */
export function limitInFlight(app: FastifyInstance, most: number, what: string): void {
  let inFlight = 0;
  app.addHook('onRequest', async (_request, reply) => {
    if (inFlight >= most) {
      throw new ServiceError('OVERLOADED', `Expected at most ${most} ${what} at once`, { retryAfterSeconds: 1 });
    }
    inFlight += 1;
    // Once per response, whether it was finished or its client left.
    reply.raw.once('close', () => {
      inFlight -= 1;
    });
  });
}
