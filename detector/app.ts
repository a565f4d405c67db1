import { Readable } from 'node:stream';
import accepts from '@fastify/accepts';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cropSpecs, isCropName } from '../triton/core/crop-spec.ts';
import type { MetricsText } from '../triton/prom-process.ts';
import type { DetectorConfig } from './config.ts';
import { imageLimits } from './core/image-limits.ts';
import { ServiceError } from './errors.ts';
import { type FaceFinder, type FindRequest, findStages } from './face-finder.ts';
import { createHttpApp } from './http/create-http-app.ts';
import { classicCrop, encodeCropReply } from './http/crop-reply.ts';
import {
  detectReplySchema,
  encodeBinaryDetectReply,
  encodeDetectReply,
  headerLengthName,
} from './http/detect-reply.ts';
import { readImage, registerImageBody } from './http/image-body.ts';
import { detectorDocs } from './http/openapi/detector-docs.ts';
import { registerOpenApi } from './http/openapi/register-openapi.ts';
import { measureRequests } from './http/prom-requests.ts';
import { requestSignal } from './http/request-signal.ts';
import { searchQueryShape, toSearchLimits } from './http/search-query.ts';
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

const binaryType = 'application/octet-stream';
const cropNames = Object.keys(cropSpecs).filter(isCropName);

const detectQuerySchema = z.strictObject({
  crop: z
    .enum(cropNames, `expected one of ${cropNames.join(', ')}`)
    .optional()
    .describe('How faces are cut, with `Accept: application/octet-stream`.'),
  ...searchQueryShape,
});
const detectReplies = {
  content: {
    'application/json': { schema: detectReplySchema },
    // Sent as it is, past the serializer.
    [binaryType]: { schema: z.instanceof(Buffer) },
  },
};
const cropQuerySchema = z.strictObject(searchQueryShape);
const healthSchema = z.object({ status: z.literal('ok') });
const readySchema = z.object({ status: z.literal('ready'), detector: z.string() });

/** The detector's HTTP service: `POST /detect`, `POST /crop`, `/healthz`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`. Neither listens nor connects. */
export async function buildDetectorApp(deps: DetectorAppDeps): Promise<FastifyInstance> {
  const { finder, config, logger, processMetrics } = deps;
  const app = createHttpApp({
    logger,
    requestTimeoutMs: 60_000,
    takesRequestIds: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const metrics = createPhotoMetrics(finder, findStages);
  measureRequests(app, metrics.registry, processMetrics);
  await registerImageBody(app, { maxBytes: imageLimits.maxBytes });
  await app.register(accepts);
  await registerOpenApi(app, { title: 'face-id detector', description: 'Finds the faces in a photo.' });

  async function find(image: Uint8Array, asked: FindRequest, { id }: FastifyRequest, reply: FastifyReply) {
    const found = await finder.find(image, asked, { signal: requestSignal(reply, config.deadline_ms), requestId: id });
    metrics.found(found);
    if (found.seconds) reply.header('server-timing', encodeServerTiming(found.seconds));
    return found;
  }

  const detectOptions = {
    schema: { querystring: detectQuerySchema, response: { 200: detectReplies } },
    config: { doc: detectorDocs.detect },
  };
  app.post('/detect', detectOptions, async (request, reply) => {
    const { crop = null, ...query } = request.query;
    const binary = request.accepts().type(['application/json', binaryType]) === binaryType;
    const image = await readImage(request);
    // JSON has no place for crops, so none are cut for it.
    const asked = { ...toSearchLimits(query), crop: binary ? crop : null };
    const found = await find(image, asked, request, reply);
    if (!binary) return encodeDetectReply(found);
    const { headerLength, body } = encodeBinaryDetectReply(found, crop && cropSpecs[crop].size);
    return reply.type(binaryType).header(headerLengthName, String(headerLength)).send(body);
  });

  const cropOptions = { schema: { querystring: cropQuerySchema }, config: { doc: detectorDocs.crop } };
  app.post('/crop', cropOptions, async (request, reply) => {
    const image = await readImage(request);
    const asked = { ...toSearchLimits(request.query), crop: classicCrop };
    const found = await find(image, asked, request, reply);
    return reply.type('application/json').send(Readable.from(encodeCropReply(found), { objectMode: false }));
  });

  const healthOptions = { schema: { response: { 200: healthSchema } }, config: { doc: detectorDocs.health } };
  app.get('/healthz', healthOptions, async () => ({ status: 'ok' as const }));

  const readyOptions = { schema: { response: { 200: readySchema } }, config: { doc: detectorDocs.ready } };
  app.get('/readyz', readyOptions, async () => {
    const state = await finder.ready();
    if (!state.ok) throw new ServiceError('DEPENDENCY_DOWN', state.reason, { retryAfterSeconds: 5 });
    return { status: 'ready' as const, detector: state.detector };
  });

  return app;
}
