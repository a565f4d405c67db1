import { randomUUID } from 'node:crypto';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { imageLimits } from '../detector/core/image-limits.ts';
import { ServiceError } from '../detector/errors.ts';
import { registerImageBody } from '../detector/http/image-body.ts';
import { sendProblem } from '../detector/http/problem-json.ts';
import type { IdentifyDeps } from './identify.ts';
import type { ModelLister } from './list-models.ts';
import { limitInFlight } from './plugins/limit-in-flight.ts';
import { logRequests } from './plugins/log-requests.ts';
import { generateRoute } from './routes/generate.ts';
import { healthRoutes } from './routes/health.ts';
import { identitiesRoutes } from './routes/identities.ts';
import { inferRoute } from './routes/infer.ts';
import { modelsRoute } from './routes/models.ts';

export type ApiDeps = IdentifyDeps & {
  readonly listModels: ModelLister;
  readonly logger: FastifyBaseLogger;
  readonly limits?: Partial<ApiLimits>;
};

export type ApiLimits = {
  /** Bytes of one image. */
  readonly maxImageBytes: number;
  /** Bytes of a /generate body: all its images in base64. */
  readonly maxGenerateBytes: number;
  /** /infer and /generate requests at once; what is beyond answers OVERLOADED. */
  readonly maxInFlight: number;
  /** Time for a request to arrive, and again for the work on it. */
  readonly deadlineMs: number;
  /** Time for the answers that /readyz and /models wait for. */
  readonly readyMs: number;
};

const defaultLimits: ApiLimits = {
  maxImageBytes: imageLimits.maxBytes,
  maxGenerateBytes: 64 * 1024 * 1024,
  maxInFlight: 32,
  deadlineMs: 60_000,
  readyMs: 2000,
};

/** The API on port 8004, not listening and not connected: its dependencies are opened and closed by who calls this. */
export async function buildApiApp(deps: ApiDeps): Promise<FastifyInstance> {
  const limits = { ...defaultLimits, ...deps.limits };
  const app = fastify({
    loggerInstance: deps.logger,
    // Fastify's own lines hold URLs, and a URL may hold an id.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: limits.deadlineMs,
    genReqId: () => randomUUID(),
    // What fails before routing is a URL that cannot be read; its own error would repeat it to the log.
    frameworkErrors: (cause, request, reply) => {
      sendProblem(new ServiceError('INVALID_REQUEST', 'The URL cannot be read', { cause }), request, reply);
    },
    // An id has up to 128 characters, three times that when all of them are escaped.
    routerOptions: { maxParamLength: 384 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request, reply) =>
    // Without the path, which the log would keep.
    sendProblem(new ServiceError('NOT_FOUND', `There is no such ${request.method} route`), request, reply),
  );
  logRequests(app);

  await app.register(async photos => {
    limitInFlight(photos, limits.maxInFlight);
    await registerImageBody(photos, { maxBytes: limits.maxImageBytes });
    await photos.register(inferRoute(deps, limits.deadlineMs));
    await photos.register(generateRoute(deps, { ...limits, bodyLimit: limits.maxGenerateBytes }));
  });
  await app.register(identitiesRoutes(deps));
  await app.register(modelsRoute(deps, limits.readyMs));
  await app.register(healthRoutes(deps, limits.readyMs));
  return app;
}
