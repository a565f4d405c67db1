import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { imageLimits } from '../detector/core/image-limits.ts';
import { createHttpApp } from '../detector/http/create-http-app.ts';
import { registerImageBody } from '../detector/http/image-body.ts';
import { registerOpenApi } from '../detector/http/openapi/register-openapi.ts';
import { measureRequests } from '../detector/http/prom-requests.ts';
import type { MetricsText } from '../triton/prom-process.ts';
import type { Audit } from './audit/audit.ts';
import { apiConfig, type RetentionConfig, type UnknownsConfig, unknownsConfig } from './config.ts';
import type { IdentifyDeps } from './identify.ts';
import { noKeys } from './keys/key-ring.ts';
import type { ModelLister } from './list-models.ts';
import { observeDeps } from './observe-deps.ts';
import type { Access } from './open-access.ts';
import { keySecuritySchemes, securityOf } from './openapi/key-security.ts';
import { carryActor } from './plugins/carry-actor.ts';
import { carryRequestId } from './plugins/carry-request-id.ts';
import { limitInFlight } from './plugins/limit-in-flight.ts';
import { registerAccess } from './plugins/register-access.ts';
import { requireScopes } from './plugins/require-scopes.ts';
import { serveConsole } from './plugins/serve-console.ts';
import { createApiMetrics } from './prom-api-metrics.ts';
import type { SweepTally } from './retention/start-sweeper.ts';
import { archivesRoutes } from './routes/archives.ts';
import { besideRoutes } from './routes/beside.ts';
import { duplicatesRoutes } from './routes/duplicates.ts';
import { embeddingsRoute } from './routes/embeddings.ts';
import { galleriesRoutes } from './routes/galleries.ts';
import { generateRoute } from './routes/generate.ts';
import { healthRoutes } from './routes/health.ts';
import { identitiesRoutes } from './routes/identities.ts';
import { inferRoute } from './routes/infer.ts';
import { modelsRoute } from './routes/models.ts';
import { putIdentityRoute } from './routes/put-identity.ts';
import { rejectionsRoutes, rejectRoute } from './routes/rejections.ts';
import { subjectRoute } from './routes/subject.ts';
import { sweepRoute } from './routes/sweep.ts';
import { templatesRoutes } from './routes/templates.ts';
import { unknownsRoutes } from './routes/unknowns.ts';
import { verifyRoute } from './routes/verify.ts';
import { createUnknownKeeper } from './unknown-keeper.ts';

export type ApiDeps = IdentifyDeps & {
  readonly listModels: ModelLister;
  readonly logger: FastifyBaseLogger;
  readonly limits?: Partial<ApiLimits>;
  /** Where changes are written down; the store writes its own. Null or absent: nowhere. */
  readonly audit?: Audit | null;
  /** How long people are kept; absent: until they are erased. */
  readonly retention?: RetentionConfig;
  /** What the sweeper came to; absent where there is none. */
  readonly sweeps?: () => SweepTally;
  /** Who may ask; without it whoever asks under a name of this machine. */
  readonly access?: Partial<Access>;
  /** Whether faces that nobody was found for are kept; without it they are not. */
  readonly unknowns?: UnknownsConfig;
  /** Shown at `/metrics` with the service's own. */
  readonly processMetrics?: MetricsText;
};

export type ApiLimits = {
  /** Bytes of one image. */
  readonly maxImageBytes: number;
  /** Bytes of a body with several images in base64: /generate, /verify. */
  readonly maxGenerateBytes: number;
  /** Requests with photos at once; what is beyond answers OVERLOADED. */
  readonly maxInFlight: number;
  /** Time for a request to arrive, and again for the work on it. */
  readonly deadlineMs: number;
  /** Time for the answers that /readyz and /models wait for. */
  readonly readyMs: number;
  /** As HttpAppOptions has them. */
  readonly headTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
};

const defaultLimits: ApiLimits = {
  maxImageBytes: imageLimits.maxBytes,
  maxGenerateBytes: 64 * 1024 * 1024,
  maxInFlight: 32,
  deadlineMs: 60_000,
  readyMs: 2000,
};

const openAccess = { ...apiConfig.parse({}), keys: noKeys, tls: null, behindTlsProxy: false };

/** The API on port 8004, not listening and not connected: its dependencies are opened and closed by who calls this. */
export async function buildApiApp(given: ApiDeps): Promise<FastifyInstance> {
  const limits = { ...defaultLimits, ...given.limits };
  const access = { ...openAccess, ...given.access };
  const app = createHttpApp({
    ...limits,
    logger: given.logger,
    requestTimeoutMs: limits.deadlineMs,
    tls: access.tls,
    behindProxy: access.behindTlsProxy,
    securityHeaders: { hsts: access.tls !== null || access.behindTlsProxy },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  requireScopes(app);
  const metrics = createApiMetrics(given);
  measureRequests(app, metrics.registry, given.processMetrics);
  const unknowns = given.unknowns ?? unknownsConfig.parse({});
  const keeper = createUnknownKeeper({
    store: given.store,
    config: unknowns,
    warn: (fields, message) => app.log.warn(fields, message),
    onKept: metrics.kept,
    audit: given.audit ?? null,
  });
  app.addHook('onClose', () => keeper.close());
  const deps = observeDeps({ ...given, store: keeper.store, keeper }, metrics, carryRequestId(app));

  await registerAccess(app, access);
  if (given.audit) carryActor(app, given.audit);
  await registerOpenApi(app, {
    title: 'face-id',
    description: 'Finds the faces in a photo, says who each one is or that it knows nobody like that.',
    securitySchemes: keySecuritySchemes,
    securityOf,
  });
  await app.register(async photos => {
    limitInFlight(photos, {
      most: access.limits.photos_at_once,
      what: 'photo requests with one key',
      groupOf: ({ caller }) => caller?.name ?? null,
      code: 'RATE_LIMITED',
    });
    limitInFlight(photos, { most: limits.maxInFlight, what: 'photo requests' });
    await registerImageBody(photos, { maxBytes: limits.maxImageBytes });
    await photos.register(inferRoute(deps, limits.deadlineMs));
    await photos.register(embeddingsRoute(deps, limits.deadlineMs));
    await photos.register(verifyRoute(deps, { ...limits, bodyLimit: limits.maxGenerateBytes }));
    await photos.register(generateRoute(deps, { ...limits, bodyLimit: limits.maxGenerateBytes }));
    await photos.register(rejectRoute(deps, limits.deadlineMs));
  });
  await app.register(galleriesRoutes(deps));
  await app.register(besideRoutes(deps));
  await app.register(archivesRoutes(deps));
  await app.register(identitiesRoutes(deps));
  await app.register(putIdentityRoute(deps, { bodyLimit: limits.maxImageBytes }));
  await app.register(templatesRoutes(deps));
  await app.register(rejectionsRoutes(deps));
  await app.register(duplicatesRoutes(deps, limits.deadlineMs));
  await app.register(unknownsRoutes(deps, keeper, { ...limits, days: unknowns.days }));
  await app.register(sweepRoute(deps));
  await app.register(subjectRoute(deps));
  await app.register(modelsRoute(deps, limits.readyMs));
  await app.register(healthRoutes(deps, limits.readyMs));
  await app.register(serveConsole);
  return app;
}
