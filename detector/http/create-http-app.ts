import { randomUUID } from 'node:crypto';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { isRequestId } from '../../triton/core/request-id.ts';
import { ServiceError } from '../errors.ts';
import { limitArrival } from './limit-arrival.ts';
import { logRequests } from './log-requests.ts';
import { registerProblemHandler, sendProblem } from './problem-json.ts';

export type HttpAppOptions = {
  readonly logger?: FastifyBaseLogger | undefined;
  /** Time for a request to arrive; of a route whose `config.streams` is true, for the next part of it. */
  readonly requestTimeoutMs: number;
  /** Whether a caller's own `x-request-id` is taken over, where it is one that our services make. */
  readonly takesRequestIds?: boolean;
};

/** What every HTTP service of ours begins with: request ids, a log without anything personal, every error as a problem document. */
export function createHttpApp({ logger, requestTimeoutMs, takesRequestIds = false }: HttpAppOptions): FastifyInstance {
  const app = fastify({
    ...(logger ? { loggerInstance: logger } : {}),
    // Fastify's own lines hold URLs and addresses, and a URL may hold an id.
    logController: new LogController({ disableRequestLogging: true }),
    // Node would have one time for all routes; limitArrival has not.
    requestTimeout: 0,
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
    // An id has up to 128 characters, three times that when all of them are escaped.
    routerOptions: { maxParamLength: 384 },
  });
  registerProblemHandler(app);
  limitArrival(app, requestTimeoutMs);
  logRequests(app);
  return app;
}
