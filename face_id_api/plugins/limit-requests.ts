import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../../detector/errors.ts';

/**
 * Bounds the requests of each key, counted by its name: a key and the one that it is rotated to are one. Replies say in `ratelimit-limit`,
 * `-remaining` and `-reset` how much is left. Goes behind `authenticate`; needs `@fastify/rate-limit` on the app.
 */
export function limitRequests(app: FastifyInstance, perMinute: number): void {
  const limit = app.rateLimit({
    max: perMinute,
    timeWindow: 60_000,
    keyGenerator: ({ caller }) => caller?.name ?? '',
    allowList: ({ caller }) => caller === null,
    errorResponseBuilder: (_request, { ttl }) => {
      const detail = `Expected at most ${perMinute} requests a minute with one key`;
      return new ServiceError('RATE_LIMITED', detail, { retryAfterSeconds: ttl / 1000 });
    },
  });
  app.addHook('onRequest', limit);
}
