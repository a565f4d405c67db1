import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

export type SecurityHeaders = {
  /** Tells browsers to come by HTTPS only from now on: for a service that is reached in no other way. */
  readonly hsts: boolean;
};

/** Pages of ours load from this service alone, run no script and take no style that stands in them, and are in nobody's frame. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  },
};

/** What browsers are told with every reply. `/docs` has a policy of its own (registerOpenApi). */
export function sendSecurityHeaders(app: FastifyInstance, { hsts }: SecurityHeaders = { hsts: false }): void {
  app.register(helmet, {
    contentSecurityPolicy,
    strictTransportSecurity: hsts ? { maxAge: 365 * 86_400, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}
