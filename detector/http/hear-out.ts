import type { FastifyInstance } from 'fastify';

/** For the rest of a body whose request is answered already. */
const restMs = 10_000;

/**
 * A request that is answered before its body has come is heard out for a while, in vain, and its connection stays: a connection that
 * ends with bytes on their way is reset, and its client may never read why (RFC 9112, section 9.6). To be registered before whatever
 * ends connections with `onSend`.
 */
export function hearOut(app: FastifyInstance): void {
  // Fastify ends the connection with each body that it refuses.
  app.addHook('onSend', async ({ raw }, reply) => {
    if (!raw.complete) reply.removeHeader('connection');
  });
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete) return;
    const timer = setTimeout(() => raw.destroy(), restMs).unref();
    raw.once('close', () => clearTimeout(timer)).resume();
  });
}
