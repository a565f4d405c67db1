import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';

/** Remembers a request's id for everything that its handler of this app calls; the function says which it is. */
export function carryRequestId(app: FastifyInstance): () => string | undefined {
  const ids = new AsyncLocalStorage<string>();
  // Not earlier: what reads the body comes back in the connection's context, not in the request's.
  app.addHook('preHandler', (request, _reply, done) => ids.run(request.id, done));
  return () => ids.getStore();
}
