import type { FastifyInstance } from 'fastify';
import { exponentialBuckets, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricsText } from '../../triton/prom-process.ts';

/** Status of a request whose client left before its reply was written: nginx's word for it. */
const clientLeft = 499;

/**
 * Measures every request of `app` into `registry` (seconds by method, route pattern and status; how many are under way) and shows
 * the registry at `GET /metrics` in Prometheus' text format. Labels hold patterns, never a URL: it may hold an id.
 */
export function measureRequests(app: FastifyInstance, registry: Registry, processMetrics?: MetricsText): void {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'face_id_http_request_seconds',
    help: 'Time from the first byte of a request to the last of its reply.',
    labelNames: ['method', 'route', 'status'],
    buckets: exponentialBuckets(0.002, 2, 15),
    registers,
  });
  const inFlight = new Gauge({ name: 'face_id_http_requests_in_flight', help: 'Requests under way.', registers });

  app.addHook('onRequest', async (request, reply) => {
    inFlight.inc();
    // Comes once, whether the reply was finished or its client left.
    reply.raw.once('close', () => {
      inFlight.dec();
      const status = reply.raw.writableEnded ? reply.statusCode : clientLeft;
      const { method } = request;
      seconds.observe({ method, route: request.routeOptions.url ?? 'none', status }, reply.elapsedTime / 1000);
    });
  });

  app.get('/metrics', async (_request, reply) => {
    const text = (await registry.metrics()) + ((await processMetrics?.text()) ?? '');
    return reply.type(registry.contentType).send(text);
  });
}
