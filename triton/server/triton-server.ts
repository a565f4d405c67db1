import { type ChannelOptions, Server, ServerCredentials } from '@grpc/grpc-js';
import packageJson from '../../package.json' with { type: 'json' };
import { isRequestId } from '../core/request-id.ts';
import { createBufferShelf } from '../onnx-pool/buffer-shelf.ts';
import type { OnnxPool } from '../onnx-pool/job.ts';
import type { MetricsText } from '../prom-process.ts';
import { boundCalls } from './bounded-calls.ts';
import { createByteBudget } from './byte-budget.ts';
import { serveModelInfer } from './grpc-model-infer.ts';
import { createGrpcServices, type GrpcServices } from './grpc-service.ts';
import type { OnFailure } from './grpc-unary.ts';
import { serveHttp } from './http/http-server.ts';
import { http2ServersOf } from './http2-servers.ts';
import { raiseWindows } from './http2-window.ts';
import { createInferenceCore, type InferenceCore } from './inference-core.ts';
import type { BoundHttp } from './listen-http.ts';
import { serveMetrics } from './metrics-http.ts';
import { createTritonMetrics } from './prom-metrics.ts';
import type { ModelControl } from './repository/model-control.ts';
import { type ModelRepository, openRepository } from './repository/model-repository.ts';
import { readyTable } from './repository/ready-table.ts';
import type { TritonLogger } from './triton-logger.ts';

export type TritonServerOptions = {
  /** Folder with a folder for each model, as NVIDIA Triton takes it. */
  readonly modelRepository: string;
  /** Who decides what of it is served; by default all of it, as it is at the start. */
  readonly modelControl?: ModelControl;
  /** Where ONNX Runtime runs. The server uses it and leaves it open. */
  readonly pool: OnnxPool;
  readonly logger?: TritonLogger;
  readonly host: string;
  /** 0: any free port; `start` says which. */
  readonly grpcPort: number;
  /** Where the protocol is spoken over HTTP; 0: any free port, absent: nowhere. */
  readonly httpPort?: number;
  /** Where `GET /metrics` answers; 0: any free port, absent: nowhere. */
  readonly metricsPort?: number;
  /** Shown on that port with the server's own. */
  readonly processMetrics?: MetricsText;
  /** Largest message in either direction of gRPC and largest body of HTTP, in bytes. By default 200 MiB of tensors and 1 MiB for the rest. */
  readonly maxMessageBytes?: number;
  /** HTTP/2 flow-control window of every stream and connection, in bytes. */
  readonly windowBytes?: number;
  /** Requests that may wait for one model. */
  readonly maxQueued?: number;
  /** Bytes that may be held for all clients together: of requests that arrive, wait or run, and of answers that were not read yet. */
  readonly maxHeldBytes?: number;
  /** gRPC calls that may be open at once. */
  readonly maxCalls?: number;
  /** How long a client may stop in the middle of sending a request or reading an answer, in milliseconds. */
  readonly stalledMs?: number;
};

/** Null where none was asked for. */
export type TritonPorts = {
  readonly grpcPort: number;
  readonly httpPort: number | null;
  readonly metricsPort: number | null;
};

export type TritonServer = {
  /**
   * Loads the repository and listens. A model that cannot be loaded is UNAVAILABLE with its reason; the others are served.
   * Rejects when the repository cannot be read or a port cannot be bound; nothing is left open then.
   */
  start(): Promise<TritonPorts>;
  /** Model, version and READY or why not, as a table for people. Empty before `start`. */
  readyTable(): string;
  /** Refuses what waits, answers what runs, closes the ports and releases the models' sessions. */
  close(): Promise<void>;
};

const mebibyte = 1024 * 1024;

/** What runs is answered, for as long as a batch may take. */
const closeGraceMs = 5_000;

/** The embedded Triton server: KServe v2 over gRPC and HTTP in this thread, ONNX Runtime in the pool's threads. */
export function createTritonServer(options: TritonServerOptions): TritonServer {
  const { pool, logger, host, grpcPort, modelRepository, modelControl = { mode: 'none' } } = options;
  const { windowBytes = 16 * mebibyte, maxQueued = 1024, maxHeldBytes = 1024 * mebibyte } = options;
  const { maxMessageBytes = 201 * mebibyte, maxCalls = 8192, stalledMs = 30_000 } = options;
  const budget = createByteBudget(maxHeldBytes);
  const shelf = createBufferShelf(128, 64 * mebibyte);
  let repository: ModelRepository | undefined;
  const metrics = createTritonMetrics();
  let grpc: GrpcServices | undefined;
  let server: Server | undefined;
  let http: BoundHttp | undefined;
  let metricsHttp: BoundHttp | undefined;

  async function start(): Promise<TritonPorts> {
    const models = { pool, limits: { maxQueued, budget }, shelf, metrics };
    repository = await openRepository(modelRepository, models, { control: modelControl, logger });
    const core = createInferenceCore({ repository, metrics, version: packageJson.version });
    const onFailure: OnFailure = (rpc, error, id) => {
      // A client may write anything into an id; only one that tells nothing about anybody is kept.
      logger?.error({ rpc, err: error, ...(isRequestId(id) && { reqId: id }) }, 'RPC failed');
    };
    grpc = createGrpcServices(core, { onFailure, budget });
    server = new Server(channelOptions(maxMessageBytes));
    for (const { definition, handlers } of grpc.services) server.addService(definition, handlers);
    try {
      const boundPort = await bind(server, host, grpcPort);
      for (const http2Server of http2ServersOf(server)) {
        raiseWindows(http2Server, windowBytes);
        serveModelInfer(http2Server, core, { onFailure, budget, shelf, maxMessageBytes });
        boundCalls(http2Server, { budget, maxCalls, maxMessageBytes, stalledMs });
      }
      http = await openHttp(core);
      metricsHttp = await openMetrics();
      return { grpcPort: boundPort, httpPort: http?.port ?? null, metricsPort: metricsHttp?.port ?? null };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async function openHttp(core: InferenceCore): Promise<BoundHttp | undefined> {
    const { httpPort } = options;
    if (httpPort === undefined) return undefined;
    return await serveHttp(core, {
      host,
      port: httpPort,
      maxBodyBytes: maxMessageBytes,
      budget,
      stalledMs,
      onFailure: (request, error) => logger?.error({ request, err: error }, 'HTTP request failed'),
    });
  }

  async function openMetrics(): Promise<BoundHttp | undefined> {
    const { metricsPort, processMetrics } = options;
    if (metricsPort === undefined) return undefined;
    const text = async (): Promise<string> => (await metrics.text()) + ((await processMetrics?.text()) ?? '');
    return await serveMetrics({ host, port: metricsPort, text });
  }

  async function close(): Promise<void> {
    // The queues first: a shutdown that waits for calls would wait for those that wait for a batch.
    const closing = repository?.close();
    const stopping = server;
    grpc?.endStreams();
    repository = undefined;
    server = undefined;
    await metricsHttp?.close();
    metricsHttp = undefined;
    const closingHttp = http?.close(closeGraceMs);
    http = undefined;
    if (stopping !== undefined) await shutDown(stopping);
    await closingHttp;
    await closing;
  }

  return {
    start,
    readyTable: () => (repository === undefined ? '' : readyTable(repository.statuses())),
    close,
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  server.bindAsync(address, ServerCredentials.createInsecure(), (error, boundPort) => {
    if (error !== null) {
      const text = `Triton's gRPC port ${address} cannot be bound: ${error.message}. Set triton.grpc_port, or stop what uses it`;
      reject(new Error(text, { cause: error }));
      return;
    }
    resolve(boundPort);
  });
  return promise;
}

/** Calls that run are answered; connections that stay open after that are cut. */
async function shutDown(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.tryShutdown(() => resolve());
  const cut = setTimeout(() => server.forceShutdown(), closeGraceMs);
  await promise;
  clearTimeout(cut);
}

function channelOptions(maxMessageBytes: number): ChannelOptions {
  return {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_concurrent_streams': 1024,
    // Bookkeeping for a debugging service that nobody asks here.
    'grpc.enable_channelz': 0,
    'grpc.so_reuseport': 0,
  };
}
