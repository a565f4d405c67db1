import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../../detector/errors.ts';
import { readApiKey } from '../core/read-api-key.ts';
import { grants } from '../core/scope.ts';
import { type Caller, type KeyRing, plainKeyId } from '../keys/key-ring.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose key the request carries; null on open routes, and where nobody needs a key. */
    caller: Caller | null;
  }
}

export type AuthenticateOptions = {
  readonly keys: KeyRing;
  /** Wrong keys from one address in a minute. */
  readonly failuresPerMinute: number;
};

/**
 * Lets a request on whose key has the scope of its route, `open` ones always. `request.caller` is who asks, and the request's log lines
 * hold the id of the key. Needs `@fastify/rate-limit` and `requireScopes` on the app.
 */
export function authenticate(app: FastifyInstance, { keys, failuresPerMinute }: AuthenticateOptions): void {
  const countFailures = app.createRateLimit({ max: failuresPerMinute, timeWindow: 60_000 });
  app.decorateRequest('caller', null);

  app.addHook('onRequest', async (request, reply) => {
    // What is no route answers so to everybody.
    const scope = request.is404 ? 'open' : (request.routeOptions.config.scope ?? 'admin');
    if (scope === 'open' || !keys.isRequired()) return;
    const caller = await identify(request);
    if (caller === null) {
      reply.header('www-authenticate', 'Bearer realm="face-id"');
      const detail = 'Expected a key that is known, in x-api-key or as Authorization: Bearer';
      throw new ServiceError('UNAUTHENTICATED', detail);
    }
    request.caller = caller;
    request.log = request.log.child({ key: caller.keyId });
    if (!grants(caller.scopes, scope)) throw new ServiceError('FORBIDDEN', `Expected a key with the scope ${scope}`);
  });

  /**
   * After too many wrong keys an address hears nothing more about keys that could be guessed; a stored one, which cannot, works on,
   * so that nobody behind the same proxy is shut out.
   */
  async function identify(request: FastifyRequest): Promise<Caller | null> {
    const key = readApiKey(request.headers);
    if (key === null) return null;
    const caller = keys.find(key);
    if (caller !== null && caller.keyId !== plainKeyId) return caller;
    const failures = await countFailures(request, { increment: caller === null });
    if (!failures.isAllowed && failures.isExceeded) {
      throw new ServiceError('RATE_LIMITED', 'Too many wrong keys came from this address', {
        retryAfterSeconds: failures.ttlInSeconds,
      });
    }
    return caller;
  }
}
