import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ByteBudget } from '../byte-budget.ts';
import type { InferenceCore } from '../inference-core.ts';
import { type BoundHttp, listenHttp } from '../listen-http.ts';
import { StatusError } from '../status-error.ts';
import { errorReply, type HttpReply, statusReply } from './http-reply.ts';
import { inferRoute } from './infer-route.ts';
import { modelRoutes } from './model-routes.ts';
import { readBody } from './read-body.ts';
import { repositoryRoutes } from './repository-routes.ts';
import type { Hold, Route } from './route.ts';
import { settingsRoutes } from './settings-routes.ts';
import { sharedMemoryRoutes } from './shared-memory-routes.ts';

export type HttpServerOptions = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Of one request, as it comes and decompressed. */
  readonly maxBodyBytes: number;
  /** What bodies take from until they wait for a model, and answers until the client has them. */
  readonly budget: ByteBudget;
  /** A client that neither sends of a request nor reads of its answer for so long is cut off. */
  readonly stalledMs: number;
  /** Told of errors that are no answer of ours: the client learns only that the server failed. */
  readonly onFailure: (request: string, error: unknown) => void;
};

/** As long as Triton, which keeps a connection for ever, for the pools of its clients: they ask again without asking whether it is there. */
const keepAliveMs = 600_000;

/** However slowly it trickles in, a request is whole by then. */
const requestMs = 300_000;

const cancelled = new StatusError('CANCELLED', 'the client closed the connection');

/**
 * Triton's HTTP port: KServe v2 with Triton's extensions, over the core that gRPC speaks to as well. Rejects when the port cannot be
 * bound. On node:http, because nothing of a framework would be left: Triton matches undecoded paths, looks at no content type, and has
 * answers of its own for what is not found, not allowed or not understood.
 */
export async function serveHttp(core: InferenceCore, options: HttpServerOptions): Promise<BoundHttp> {
  const { host, port, maxBodyBytes, budget, stalledMs, onFailure } = options;
  const routes = [
    inferRoute(core, maxBodyBytes),
    ...modelRoutes(core),
    ...repositoryRoutes(core),
    ...settingsRoutes(core),
    ...sharedMemoryRoutes(),
  ];
  const server = createServer(
    {
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      requireHostHeader: false,
    },
    async (request, response) => {
      const hold = createHold(budget);
      response.once('close', hold.end);
      const reply = await replyTo(request, response, hold);
      if (!response.destroyed) send(response, reply);
    },
  );

  async function replyTo(request: IncomingMessage, response: ServerResponse, hold: Hold): Promise<HttpReply> {
    const { method = '', url = '', headers } = request;
    const [route, groups] = findRoute(routes, url.split('?', 1)[0] ?? '');
    if (route === undefined) return errorReply(404, 'Not Found', 'text/plain');
    if (!route.methods.includes(method)) return errorReply(405, 'Method Not Allowed', route.errorType);
    const controller = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) controller.abort(cancelled);
    });
    const body = () => readBody(request, { maxBytes: maxBodyBytes, stalledMs, take: hold.take });
    try {
      const reply = await route.answer(groups, { method, headers, signal: controller.signal, body, hold });
      hold.take(byteLength(reply));
      return reply;
    } catch (error) {
      if (error instanceof StatusError) return statusReply(error, route.errorType);
      onFailure(`${method} ${route.path.source}`, error);
      return errorReply(500, 'the server failed, see its log', route.errorType);
    }
  }

  function send(response: ServerResponse, reply: HttpReply): void {
    const { status, contentType, headers, body } = reply;
    response.writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': byteLength(reply),
      ...headers,
      ...(!server.listening && { Connection: 'close' }),
    });
    response.setTimeout(stalledMs, () => response.destroy());
    for (const part of body) response.write(part);
    response.end();
  }

  return await listenHttp(server, { name: 'HTTP', setting: 'triton.http_port', host, port });
}

function createHold(budget: ByteBudget): Hold & { readonly end: () => void } {
  let held = 0;
  let isOver = false;
  const giveBack = (): void => {
    budget.give(held);
    held = 0;
  };
  return {
    take(bytes) {
      // What is still done for a client that has gone is dropped at its end.
      if (isOver) return;
      if (!budget.take(bytes)) {
        throw new StatusError(
          'UNAVAILABLE',
          'the server holds as many requests and answers as it may, try again later',
        );
      }
      held += bytes;
    },
    giveBack,
    end() {
      isOver = true;
      giveBack();
    },
  };
}

function byteLength({ body }: HttpReply): number {
  return body.reduce((sum, part) => sum + part.length, 0);
}

function findRoute(routes: readonly Route[], path: string): [Route | undefined, string[]] {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match !== null) return [route, match.slice(1).map(group => group ?? '')];
  }
  return [undefined, []];
}
