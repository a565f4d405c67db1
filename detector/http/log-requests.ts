import type { FastifyInstance } from 'fastify';

/**
 * One line per request: method, the route's pattern, status and milliseconds, with the request id that fastify adds. Nothing that
 * tells who: no URL (it may hold an id), no address, no body, no headers. The reply carries the id as `x-request-id`.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const ms = Math.round(reply.elapsedTime);
    request.log.info({ method, route: request.routeOptions.url ?? null, status: reply.statusCode, ms }, 'request');
  });
}
