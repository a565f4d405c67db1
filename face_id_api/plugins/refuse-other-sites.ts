import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../../detector/errors.ts';
import { isLoopback } from '../is-loopback.ts';

export type OtherSitesOptions = {
  /** Whether requests carry keys, which no other site has. */
  readonly needsKeys: () => boolean;
  /** Names besides this machine's own that the service is asked under. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may ask. */
  readonly corsOrigins: readonly string[];
};

/**
 * Where nobody needs a key, a browser on this machine must not become everybody's way in: requests are refused that came under a name
 * which may have been bound to this address a moment ago (DNS rebinding), and those of another site's pages. Open routes hold nothing
 * that they could take. Goes behind `requireScopes`.
 */
export function refuseOtherSites(app: FastifyInstance, options: OtherSitesOptions): void {
  const { needsKeys, allowedHosts, corsOrigins } = options;
  const hosts = new Set(allowedHosts.map(host => host.toLowerCase()));
  const origins = new Set(corsOrigins);

  app.addHook('onRequest', async ({ headers, protocol, routeOptions }) => {
    if (routeOptions.config.scope === 'open' || needsKeys()) return;
    // Never x-forwarded-host: a page can send it to the site that it was loaded from.
    const { host = '', origin, 'sec-fetch-site': site } = headers;
    const name = host.replace(/:\d+$/, '').toLowerCase();
    if (!isLoopback(name) && !hosts.has(name)) {
      throw new ServiceError('FORBIDDEN_HOST', 'Expected localhost or a name of api.allowed_hosts in the header host');
    }
    const isOurs = origin === undefined ? site === undefined || ownSites.has(site) : origin === `${protocol}://${host}`;
    if (!isOurs && (origin === undefined || !origins.has(origin))) {
      throw new ServiceError('FORBIDDEN_ORIGIN', 'Pages of other sites may ask where api.cors_origins names them');
    }
  });
}

/** `Sec-Fetch-Site` of our own pages, and of what a person typed or opened. Another port of the same host is `same-site`. */
const ownSites: ReadonlySet<unknown> = new Set(['same-origin', 'none']);
