import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body may take as long as it likes, as long as some of it comes. */
    streams?: boolean;
  }
}

/**
 * Ends the connection of a request whose body has not arrived after `timeoutMs`, so that slow senders cannot hold on to the service;
 * where a route streams, when nothing of it comes for as long.
 */
export function limitArrival(app: FastifyInstance, timeoutMs: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const streams = request.routeOptions.config?.streams === true;
    let seen = -1;
    const goesOn = (): boolean => {
      const before = seen;
      seen = raw.socket.bytesRead;
      return streams && seen > before;
    };
    const timer = setInterval(() => {
      if (!raw.complete && !goesOn()) raw.destroy();
    }, timeoutMs).unref();
    reply.raw.once('close', () => clearInterval(timer));
    done();
  });
}
