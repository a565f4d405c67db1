import accepts from '@fastify/accepts';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type CropName, cropSpecs, isCropName } from '../triton/core/crop-spec.ts';
import type { DetectorConfig } from './config.ts';
import { imageLimits } from './core/image-limits.ts';
import { ServiceError } from './errors.ts';
import type { FaceFinder } from './face-finder.ts';
import { createHttpApp } from './http/create-http-app.ts';
import { encodeBinaryDetectReply, encodeDetectReply, headerLengthName } from './http/detect-reply.ts';
import { readImage, registerImageBody } from './http/image-body.ts';
import { invalidRequest, zodIssues } from './http/problem-json.ts';
import { requestSignal } from './http/request-signal.ts';

export type DetectorAppDeps = {
  /** Not closed by the app. */
  readonly finder: FaceFinder;
  readonly config: Pick<DetectorConfig, 'deadline_ms'>;
  readonly logger?: FastifyBaseLogger;
};

const cropNames = Object.keys(cropSpecs).join(', ');

const querySchema = z.strictObject({
  crop: z.string().refine(isCropName, `expected one of ${cropNames}`).optional(),
});

/** The detector's HTTP service: `POST /detect`, `/healthz`, `/readyz`. Neither listens nor connects. */
export async function buildDetectorApp({ finder, config, logger }: DetectorAppDeps): Promise<FastifyInstance> {
  const app = createHttpApp({ logger, requestTimeoutMs: 60_000 });
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
      { signal: requestSignal(reply, config.deadline_ms) },
    );
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
