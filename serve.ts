import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type Config, ConfigError } from './config.ts';
import { buildDetectorApp } from './detector/app.ts';
import { createFaceFinder } from './detector/create-face-finder.ts';
import { detectorNames } from './detector/detector.ts';
import type { FaceFinder } from './detector/face-finder.ts';
import { buildApiApp } from './face_id_api/app.ts';
import { createDecisionRules } from './face_id_api/decision-rules.ts';
import { createHttpFaceFinder } from './face_id_api/http-face-finder.ts';
import { createModelLister } from './face_id_api/list-models.ts';
import { type Access, openAccess } from './face_id_api/open-access.ts';
import { keepRecords, openRecords, type Records } from './face_id_api/open-records.ts';
import type { GalleryModel } from './face_id_api/store/store.ts';
import { createEmbedder, type Embedder, embedderModelOf } from './face_id_api/triton-embedder.ts';
import { type EnsureOptions, ensureDetector, ensureEmbedder } from './triton/build/ensure-default-models.ts';
import type { InstalledModel } from './triton/build/install-model.ts';
import type { Progress } from './triton/build/progress.ts';
import { createSources } from './triton/build/sources/create-sources.ts';
import { createTritonClient } from './triton/client/create-triton-client.ts';
import type { TritonClient } from './triton/client/triton-client.ts';
import type { OnnxPool } from './triton/onnx-pool/job.ts';
import { createOnnxPool } from './triton/onnx-pool/onnx-pool.ts';
import { createProcessMetrics, type MetricsText } from './triton/prom-process.ts';
import { toModelControl } from './triton/server/repository/model-control.ts';
import { createTritonServer } from './triton/server/triton-server.ts';
import { reachableHost, urlHost } from './triton/url-host.ts';

/** The three processes of the design; one process may hold all of them. */
export const parts = ['triton', 'detector', 'api'] as const;
export type Part = (typeof parts)[number];

export type ServeContext = {
  readonly logger: FastifyBaseLogger;
  /** Work on models, shown to whoever waits. */
  readonly progress: Progress;
  /** Lines for people: what listens where. */
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  /** Folder of the gallery in place of data_dir; `:memory:` keeps none. */
  readonly storeDir?: string;
  /** The one key that opens the API, whatever keys are configured. */
  readonly apiKey?: string;
};

type Context = ServeContext & { readonly processMetrics: MetricsText };

/** What finds and embeds faces, wherever its parts run. */
export type Engine = {
  readonly finder: FaceFinder | null;
  readonly client: TritonClient | null;
  readonly embedder: Embedder | null;
  readonly embedderModel: InstalledModel | null;
  readonly detectorModel: InstalledModel | null;
  /** `host:port` of the Triton that is asked; null where none is. */
  readonly tritonAddress: string | null;
  /** Base URL of the embedded Triton's metrics; null where none runs here. */
  readonly tritonMetricsUrl: string | null;
};

export type Running = Engine & {
  readonly apiUrl: string | null;
  readonly detectorUrl: string | null;
  /** Finishes what was begun, in the order of the data's way, and ends the threads. */
  close(): Promise<void>;
};

/** The options that every work on models takes, out of the configuration. */
export function modelOptions(
  config: Config,
  { progress, signal }: Pick<ServeContext, 'progress' | 'signal'>,
): EnsureOptions {
  return {
    repository: config.triton.model_repository,
    detectorModelDir: config.detector.model_dir,
    calibrationDir: path.join(import.meta.dirname, 'data/calibration'),
    mirrorCrop: config.models.mirror_crop,
    commercialOnly: config.models.commercial_only,
    sources: createSources({ mirror: config.models.mirror }),
    dataDir: config.data_dir,
    progress,
    signal,
  };
}

/**
 * Builds and starts the named parts. Rejects with an error whose message is for the operator (`ConfigError`, `StartError`,
 * `ModelError`) when they cannot start; whatever had been opened is closed again.
 */
export async function serve(config: Config, wanted: readonly Part[], given: ServeContext): Promise<Running> {
  const context = { ...given, processMetrics: createProcessMetrics() };
  const opened = new AsyncDisposableStack();
  try {
    checkParts(config, wanted);
    // Before anything else writes into it: what is kept here is biometric.
    await mkdir(config.data_dir, { recursive: true, mode: 0o700 });
    const access = wanted.includes('api') ? await openApiAccess(config, context, opened) : null;
    const engine = await openEngine(config, wanted, context, opened);
    const detectorUrl = wanted.includes('detector') ? await listenDetector(config, engine, context, opened) : null;
    const apiUrl = access === null ? null : await listenApi(config, engine, access, context, opened);
    return { ...engine, apiUrl, detectorUrl, close: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/**
 * The configured store by itself, for work on galleries while no service runs, and the model that it is opened with. Rejects as
 * `serve`; who calls this closes the records.
 */
export async function openStore(
  config: Config,
  context: Pick<ServeContext, 'progress' | 'signal' | 'logger'>,
): Promise<{ records: Records; model: GalleryModel }> {
  const { card } = await ensureEmbedder(config.models.embedder, modelOptions(config, context));
  const model = embedderModelOf(card);
  await mkdir(config.data_dir, { recursive: true, mode: 0o700 });
  return { records: await openRecords(config, { model, logger: context.logger, actor: 'command' }), model };
}

/** Everything below HTTP: models, threads, the embedded server, the client, the finder. `opened` closes it. */
async function openEngine(
  config: Config,
  wanted: readonly Part[],
  context: Context,
  opened: AsyncDisposableStack,
): Promise<Engine> {
  const servesTriton = wanted.includes('triton') && config.triton.url === 'embedded';
  const detectsHere = (wanted.includes('detector') || wanted.includes('api')) && config.detector.url === 'embedded';
  const models = modelOptions(config, context);
  const needsEmbedder = servesTriton || wanted.includes('api');
  const embedderModel = needsEmbedder ? await ensureEmbedder(config.models.embedder, models) : null;
  const detectorModel = detectsHere ? await ensureDetector(config.detector.name, models) : null;

  const pool = servesTriton || detectsHere ? openPool(opened) : null;
  const triton = servesTriton && pool ? await startTriton(config, pool, context, opened) : null;
  const tritonAddress = triton?.address ?? addressOf(config, wanted);
  const client =
    tritonAddress === null
      ? null
      : createTritonClient({
          address: tritonAddress,
          deadlineMs: config.triton.deadline_ms,
          // The embedder reads what its model takes, and makes its requests from that.
          checkRequests: false,
        });
  if (client) opened.defer(() => client.close());
  const finder = openFinder(config, wanted, pool, detectorModel);
  if (finder) opened.defer(() => finder.close());
  const embedder = client && embedderModel ? createEmbedder({ client, card: embedderModel.card }) : null;
  const tritonMetricsUrl = triton?.metricsUrl ?? null;
  return { finder, client, embedder, embedderModel, detectorModel, tritonAddress, tritonMetricsUrl };
}

function openPool(opened: AsyncDisposableStack): OnnxPool {
  const pool = createOnnxPool({ threads: os.availableParallelism(), maxQueued: 1024 });
  opened.defer(() => pool.close());
  return pool;
}

async function startTriton(
  { triton, models }: Config,
  pool: OnnxPool,
  { logger, print, processMetrics }: Context,
  opened: AsyncDisposableStack,
): Promise<{ address: string; metricsUrl: string }> {
  const server = createTritonServer({
    modelRepository: triton.model_repository,
    modelControl: toModelControl(triton, models.embedder),
    pool,
    logger,
    host: triton.host,
    grpcPort: triton.grpc_port,
    ...(triton.http_port !== null && { httpPort: triton.http_port }),
    metricsPort: triton.metrics_port,
    processMetrics,
  });
  const { grpcPort, httpPort, metricsPort } = await server.start().catch(cause => {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  opened.defer(() => server.close());
  print(server.readyTable());
  const host = urlHost(triton.host);
  const httpUrl = httpPort === null ? '' : `  http://${host}:${httpPort}/v2`;
  print(`Triton protocol  grpc://${host}:${grpcPort}${httpUrl}  (metrics: http://${host}:${metricsPort}/metrics)`);
  const reached = urlHost(reachableHost(triton.host));
  return { address: `${reached}:${grpcPort}`, metricsUrl: `http://${reached}:${metricsPort}` };
}

function addressOf({ triton }: Config, wanted: readonly Part[]): string | null {
  return asks(wanted) ? triton.url : null;
}

/** Whether what is elsewhere is asked, too: by the API, and by who wants detector and Triton without one. */
const asks = (wanted: readonly Part[]): boolean => wanted.includes('api') || wanted.length > 1;

function openFinder(
  { detector }: Config,
  wanted: readonly Part[],
  pool: OnnxPool | null,
  model: InstalledModel | null,
): FaceFinder | null {
  if (pool && model) {
    const detectorName = detectorNames.find(name => name === model.name);
    if (detectorName === undefined) throw new ConfigError(`detector ${model.name}: expected one of ${detectorNames}`);
    return createFaceFinder({ pool, detectorName, modelDir: model.dir, config: detector });
  }
  if (!asks(wanted)) return null;
  return createHttpFaceFinder({ url: detector.url, deadlineMs: detector.deadline_ms, maxFaces: detector.max_faces });
}

async function listenDetector(
  { detector }: Config,
  { finder }: Engine,
  { logger, print, processMetrics }: Context,
  opened: AsyncDisposableStack,
): Promise<string | null> {
  if (finder === null || detector.url !== 'embedded') return null;
  const app = await buildDetectorApp({ finder, config: detector, logger, processMetrics });
  const url = await listen(app, detector, 'detector', opened);
  const state = await finder.ready();
  print(`Detector         ${url}  ${state.ok ? state.detector : state.reason}`);
  return url;
}

/** Before the models: whoever may not begin is told at once. */
async function openApiAccess(
  config: Config,
  { logger, apiKey: plainKey }: Context,
  opened: AsyncDisposableStack,
): Promise<Access> {
  const access = await openAccess(config, { logger, plainKey }).catch((cause: Error) => {
    throw new ConfigError(cause.message, { cause });
  });
  opened.defer(() => access.close());
  return access;
}

async function listenApi(
  config: Config,
  { finder, embedder, client, embedderModel, detectorModel }: Engine,
  access: Access,
  { logger, print, storeDir, processMetrics }: Context,
  opened: AsyncDisposableStack,
): Promise<string> {
  if (!finder || !embedder || !client || !embedderModel) throw new Error('the API was started without an engine');
  const rules = createDecisionRules(embedderModel.card, config.decision);
  const kept = storeDir === undefined ? config : { ...config, store: { kind: 'local' } as const, data_dir: storeDir };
  const records = await keepRecords(kept, { model: embedder.model, logger, actor: 'local' });
  opened.defer(() => records.close());
  const cards = [embedderModel.card, ...(detectorModel ? [detectorModel.card] : [])];
  const listModels = createModelLister({ cards, embedder: embedderModel.name, client, finder });
  const { quality, unknowns } = config;
  const engine = { finder, embedder, rules, quality, unknowns, listModels };
  const app = await buildApiApp({ ...engine, ...records, access, logger, processMetrics });
  const url = await listen(app, config.api, 'api', opened);
  print(`API              ${url}  (POST /infer, POST /generate; ready: ${url}/readyz)`);
  for (const note of access.notes) print(note);
  return url;
}

async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
  section: string,
  opened: AsyncDisposableStack,
): Promise<string> {
  opened.defer(() => app.close());
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(
      `${section} cannot listen on ${host}:${port}: ${reason}. Set ${section}.port, or stop what uses it`,
      {
        cause,
      },
    );
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return `${app.initialConfig.https ? 'https' : 'http'}://${urlHost(host)}:${bound}`;
}

/** A process of its own asks others by address; what is embedded would run inside the process that needs it. */
function checkParts({ detector, triton }: Config, wanted: readonly Part[]): void {
  const alone = (part: Part): boolean => wanted.length === 1 && wanted[0] === part;
  const wrong = [
    alone('api') && triton.url === 'embedded' && 'triton.url: expected host:port of a Triton, got "embedded"',
    alone('api') && detector.url === 'embedded' && 'detector.url: expected the URL of a detector, got "embedded"',
    alone('triton') && triton.url !== 'embedded' && `triton.url: expected "embedded", got "${triton.url}"`,
    alone('detector') && detector.url !== 'embedded' && `detector.url: expected "embedded", got "${detector.url}"`,
  ].filter(issue => issue !== false);
  if (wrong.length > 0) throw new ConfigError(`npm start -- ${wanted.join(' ')} cannot run:\n  ${wrong.join('\n  ')}`);
}
