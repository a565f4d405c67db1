import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const root = path.resolve(import.meta.dirname, '../console');

/**
 * The web console: its page at `/`, everything else of it below `/console/`. Files are named one by one at the start, so that every other
 * path stays a route or a problem document. Each is asked for again by its ETag: a newer service is never met by an older page.
 */
export async function serveConsole(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    prefix: '/console/',
    wildcard: false,
    index: false,
    globIgnore: ['**/*.ts', 'index.html'],
    cacheControl: true,
    maxAge: 0,
    setHeaders(reply) {
      reply.header('permissions-policy', 'camera=(self), microphone=(), geolocation=()');
    },
  });
  app.get('/', async (_request, reply) => reply.sendFile('index.html'));
}
