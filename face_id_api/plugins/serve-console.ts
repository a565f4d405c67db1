import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const root = path.resolve(import.meta.dirname, '../console');

/** The page asks this service only, runs nothing that is written into it, and stands in nobody's frame. */
const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

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
      reply.header('content-security-policy', contentSecurityPolicy);
      reply.header('permissions-policy', 'camera=(self), microphone=(), geolocation=()');
      reply.header('referrer-policy', 'no-referrer');
      reply.header('x-content-type-options', 'nosniff');
    },
  });
  app.get('/', async (_request, reply) => reply.sendFile('index.html'));
}
