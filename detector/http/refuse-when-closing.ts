import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../errors.ts';

const retryAfterSeconds = 5;

/**
 * From `app.close()` on, what has begun is finished, what comes on open connections is refused, and every connection ends with its
 * reply.
 */
export function refuseWhenClosing(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', async () => {
    if (!isClosing) return;
    throw new ServiceError('SHUTTING_DOWN', 'The service is ending and takes no new requests', { retryAfterSeconds });
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
  // A reply whose head had gone out before has promised that its connection stays open.
  app.addHook('onResponse', async () => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections());
  });
}
