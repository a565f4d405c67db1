import accepts from '@fastify/accepts';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type CropName, cropSpecs, isCropName } from '../triton/core/crop-spec.ts';
import type { MetricsText } from '../triton/prom-process.ts';
import type { DetectorConfig } from './config.ts';
import { imageLimits } from './core/image-limits.ts';
import { ServiceError } from './errors.ts';
import { type FaceFinder, findStages } from './face-finder.ts';
import { createHttpApp } from './http/create-http-app.ts';
import { encodeBinaryDetectReply, encodeDetectReply, headerLengthName } from './http/detect-reply.ts';
import { readImage, registerImageBody } from './http/image-body.ts';
import { invalidRequest, zodIssues } from './http/problem-json.ts';
import { measureRequests } from './http/prom-requests.ts';
import { requestSignal } from './http/request-signal.ts';
import { encodeServerTiming } from './http/server-timing.ts';
import { createPhotoMetrics } from './prom-photo-metrics.ts';

export type DetectorAppDeps = {
  /** Not closed by the app. */
  readonly finder: FaceFinder;
  readonly config: Pick<DetectorConfig, 'deadline_ms'>;
  readonly logger?: FastifyBaseLogger;
  /** Shown at `/metrics` with the service's own. */
  readonly processMetrics?: MetricsText | undefined;
};

const cropNames = Object.keys(cropSpecs).join(', ');

const querySchema = z.strictObject({
  crop: z.string().refine(isCropName, `expected one of ${cropNames}`).optional(),
});

/** The detector's HTTP service: `POST /detect`, `/healthz`, `/readyz`, `/metrics`. Neither listens nor connects. */
export async function buildDetectorApp(deps: DetectorAppDeps): Promise<FastifyInstance> {
  const { finder, config, logger, processMetrics } = deps;
  const app = createHttpApp({ logger, requestTimeoutMs: 60_000, takesRequestIds: true });
  const metrics = createPhotoMetrics(finder, findStages);
  measureRequests(app, metrics.registry, processMetrics);
  await registerImageBody(app, { maxBytes: imageLimits.maxBytes });
  await app.register(accepts);

  app.post('/detect', async (request, reply) => {
    const crop = readCrop(request.query);
    const binary = request.accepts().type(['application/json', 'application/octet-stream']) === binaryType;
    const image = await readImage(request);
    // JSON has no place for crops, so none are cut for it.
    const found = await finder.find(
      image,
      { crop: binary ? crop : null },
      { signal: requestSignal(reply, config.deadline_ms), requestId: request.id },
    );
    metrics.found(found);
    if (found.seconds) reply.header('server-timing', encodeServerTiming(found.seconds));
    if (!binary) return encodeDetectReply(found);
    const { headerLength, body } = encodeBinaryDetectReply(found, crop && cropSpecs[crop].size);
    return reply.type(binaryType).header(headerLengthName, String(headerLength)).send(body);
  });

  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async () => {
    const state = await finder.ready();
    if (!state.ok) throw new ServiceError('DEPENDENCY_DOWN', state.reason, { retryAfterSeconds: 5 });
    return { status: 'ready', detector: state.detector };
  });

  return app;
}

const binaryType = 'application/octet-stream';

function readCrop(query: unknown): CropName | null {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) throw invalidRequest(zodIssues(parsed.error, 'query'));
  const { crop } = parsed.data;
  return crop !== undefined && isCropName(crop) ? crop : null;
}
