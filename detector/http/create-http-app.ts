import { randomUUID } from 'node:crypto';
import type { ServerOptions } from 'node:http';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { isRequestId } from '../../triton/core/request-id.ts';
import { ServiceError } from '../errors.ts';
import { hearOut } from './hear-out.ts';
import { registerJsonBody } from './json-body.ts';
import { limitArrival } from './limit-arrival.ts';
import { logRequests } from './log-requests.ts';
import { registerProblemHandler, sendProblem } from './problem-json.ts';
import { refuseUnreadable } from './refuse-unreadable.ts';
import { refuseWhenClosing } from './refuse-when-closing.ts';
import { type SecurityHeaders, sendSecurityHeaders } from './send-security-headers.ts';

export type HttpAppOptions = {
  readonly logger?: FastifyBaseLogger | undefined;
  /** Time for a request to arrive; of a route whose `config.streams` is true, for the next part of it. */
  readonly requestTimeoutMs: number;
  /** Time for a request's head to arrive. */
  readonly headTimeoutMs?: number;
  /** Time without a byte in either direction after which a connection ends, whatever goes on. */
  readonly idleTimeoutMs?: number;
  /** Whether a caller's own `x-request-id` is taken over, where it is one that our services make. */
  readonly takesRequestIds?: boolean;
  /** Certificate and private key in PEM; without them plain HTTP is spoken. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  /** Whether the next hop is a proxy of ours, whose word on addresses counts. */
  readonly behindProxy?: boolean;
  readonly securityHeaders?: SecurityHeaders;
};

/** What every HTTP service of ours begins with: request ids, a log without anything personal, every error as a problem document. */
export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const { logger, requestTimeoutMs, headTimeoutMs = 30_000, idleTimeoutMs = 300_000 } = options;
  const { takesRequestIds = false, tls = null, behindProxy = false } = options;
  const app: FastifyInstance = fastify({
    ...transport(tls, headTimeoutMs),
    // One hop: a client could put more addresses before the one that the proxy adds.
    trustProxy: behindProxy && ((_address: string, hop: number) => hop === 0),
    ...(logger ? { loggerInstance: logger } : {}),
    // Fastify's own lines hold URLs and addresses, and a URL may hold an id.
    logController: new LogController({ disableRequestLogging: true }),
    // Node would have one time for all routes; limitArrival has not.
    requestTimeout: 0,
    connectionTimeout: idleTimeoutMs,
    return503OnClosing: false,
    // The multipart parser tells a talkative log the request's headers.
    childLoggerFactory: (parent, bindings, options) =>
      parent.child(bindings, { ...options, serializers: { ...options.serializers, busboyOptions: () => undefined } }),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return takesRequestIds && isRequestId(given) ? given : randomUUID();
    },
    // What fails before routing is a URL that cannot be read; its own error would repeat it to the log.
    frameworkErrors: (cause, request, reply) => {
      sendProblem(new ServiceError('INVALID_REQUEST', 'The URL cannot be read', { cause }), request, reply);
    },
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket, app.log),
    // An id has up to 128 characters, three times that when all of them are escaped.
    routerOptions: { maxParamLength: 384 },
  });
  registerProblemHandler(app);
  registerJsonBody(app);
  limitArrival(app, requestTimeoutMs);
  logRequests(app);
  hearOut(app);
  refuseWhenClosing(app);
  sendSecurityHeaders(app, options.securityHeaders);
  return app;
}

/** Fastify's option for either kind of server. To everything above, one with TLS is one without. */
function transport(tls: HttpAppOptions['tls'], headersTimeout: number): { readonly http: ServerOptions } {
  // Node looks at the heads that are under way once in so many milliseconds.
  const http = { headersTimeout, connectionsCheckingInterval: 1000 };
  return tls ? ({ https: { ...http, ...tls } } as object as { readonly http: ServerOptions }) : { http };
}
