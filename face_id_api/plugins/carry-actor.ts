import type { FastifyInstance } from 'fastify';
import type { Audit } from '../audit/audit.ts';

/** Who acts where nobody needs a key. */
const anybody = 'local';

/** Lets the audit log know whose key a request carries, for everything that its handler calls. Goes behind `authenticate`. */
export function carryActor(app: FastifyInstance, audit: Pick<Audit, 'actingAs'>): void {
  // Not earlier: what reads the body comes back in the connection's context, not in the request's.
  app.addHook('preHandler', (request, _reply, done) => audit.actingAs(request.caller?.name ?? anybody, done));
}
