import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { ApiConfig } from '../config.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { authenticate } from './authenticate.ts';
import { limitRequests } from './limit-requests.ts';
import { refuseOtherSites } from './refuse-other-sites.ts';

export type AccessOptions = Pick<ApiConfig, 'allowed_hosts' | 'cors_origins' | 'limits'> & { readonly keys: KeyRing };

/** Headers of ours that a page of another origin may read. */
const exposedHeaders = ['x-request-id', 'retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];

/** Everything between a request and its route: CORS, other sites, keys, limits, in this order. */
export async function registerAccess(app: FastifyInstance, options: AccessOptions): Promise<void> {
  const { keys, limits, cors_origins: corsOrigins, allowed_hosts: allowedHosts } = options;
  if (corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['accept', 'authorization', 'content-type', 'x-api-key'],
      exposedHeaders,
      maxAge: 600,
      // Otherwise an OPTIONS that is no preflight is answered in plain text.
      strictPreflight: false,
    });
  }
  refuseOtherSites(app, { needsKeys: () => keys.isRequired(), allowedHosts, corsOrigins });
  await app.register(rateLimit, { global: false, enableDraftSpec: true });
  authenticate(app, { keys, failuresPerMinute: limits.failures_per_minute });
  limitRequests(app, limits.requests_per_minute);
}
