import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { InferenceCore } from '../inference-core.ts';
import { type BoundHttp, listenHttp } from '../listen-http.ts';
import { StatusError } from '../status-error.ts';
import { errorReply, type HttpReply, statusReply } from './http-reply.ts';
import { inferRoute } from './infer-route.ts';
import { modelRoutes } from './model-routes.ts';
import { type BodyLimits, createBodyReader } from './read-body.ts';
import { repositoryRoutes } from './repository-routes.ts';
import type { Route } from './route.ts';
import { settingsRoutes } from './settings-routes.ts';
import { sharedMemoryRoutes } from './shared-memory-routes.ts';

export type HttpServerOptions = BodyLimits & {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Time that a client may take to send a request whole, and between two reads of its answer. */
  readonly clientTimeoutMs: number;
  /** Told of errors that are no answer of ours: the client learns only that the server failed. */
  readonly onFailure: (request: string, error: unknown) => void;
};

/** As long as Triton, which keeps a connection for ever, for the pools of its clients: they ask again without asking whether it is there. */
const keepAliveMs = 600_000;

const cancelled = new StatusError('CANCELLED', 'the client closed the connection');

/**
 * Triton's HTTP port: KServe v2 with Triton's extensions, over the core that gRPC speaks to as well. Rejects when the port cannot be
 * bound. On node:http, because nothing of a framework would be left: Triton matches undecoded paths, looks at no content type, and has
 * answers of its own for what is not found, not allowed or not understood.
 */
export async function serveHttp(core: InferenceCore, options: HttpServerOptions): Promise<BoundHttp> {
  const { host, port, clientTimeoutMs, onFailure } = options;
  const routes = [
    inferRoute(core, options.maxBodyBytes),
    ...modelRoutes(core),
    ...repositoryRoutes(core),
    ...settingsRoutes(core),
    ...sharedMemoryRoutes(),
  ];
  const bodies = createBodyReader(options);
  const server = createServer(
    {
      requestTimeout: clientTimeoutMs,
      headersTimeout: Math.min(60_000, clientTimeoutMs),
      connectionsCheckingInterval: Math.min(30_000, clientTimeoutMs),
      keepAliveTimeout: keepAliveMs,
      requireHostHeader: false,
    },
    async (request, response) => {
      const reply = await replyTo(request, response);
      if (!response.destroyed) send(response, reply);
    },
  );

  async function replyTo(request: IncomingMessage, response: ServerResponse): Promise<HttpReply> {
    const { method = '', url = '', headers } = request;
    const [route, groups] = findRoute(routes, url.split('?', 1)[0] ?? '');
    if (route === undefined) return errorReply(404, 'Not Found', 'text/plain');
    if (!route.methods.includes(method)) return errorReply(405, 'Method Not Allowed', route.errorType);
    const controller = new AbortController();
    response.once('close', () => {
      bodies.release(request);
      if (!response.writableFinished) controller.abort(cancelled);
    });
    try {
      return await route.answer(groups, {
        method,
        headers,
        signal: controller.signal,
        body: () => bodies.read(request),
      });
    } catch (error) {
      if (error instanceof StatusError) return statusReply(error, route.errorType);
      onFailure(`${method} ${route.path.source}`, error);
      return errorReply(500, 'the server failed, see its log', route.errorType);
    }
  }

  function send(response: ServerResponse, { status, contentType, headers, body }: HttpReply): void {
    const length = body.reduce((sum, part) => sum + part.length, 0);
    response.writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': length,
      ...headers,
      ...(!server.listening && { Connection: 'close' }),
    });
    response.setTimeout(clientTimeoutMs, () => response.destroy());
    for (const part of body) response.write(part);
    response.end();
  }

  return await listenHttp(server, { name: "Triton's HTTP port", host, port });
}

function findRoute(routes: readonly Route[], path: string): [Route | undefined, string[]] {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match !== null) return [route, match.slice(1).map(group => group ?? '')];
  }
  return [undefined, []];
}
