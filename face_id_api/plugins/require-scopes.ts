import type { FastifyInstance } from 'fastify';
import type { Scope } from '../core/scope.ts';

/** What a route wants of who asks: a scope, or nothing. */
export type RouteScope = Scope | 'open';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route says it: a key with which scope may ask; `open`: everybody may. */
    scope?: RouteScope;
  }
  interface FastifyInstance {
    /** Every route with its scope: `POST /infer` to `read`. */
    readonly routeScopes: ReadonlyMap<string, RouteScope>;
  }
}

/** Routes of other rooms and of plugins, which know nothing of scopes: pages with their files, CORS's preflight, metrics. */
const sharedRoutes: readonly [RegExp, RouteScope][] = [
  [/^\/(docs(\/.*)?|openapi\.json|console\/.*)?$/, 'open'],
  [/^\*$/, 'open'],
  [/^\/metrics$/, 'admin'],
];

/** Lets no app begin in which a route was forgotten. Goes before the first route. */
export function requireScopes(app: FastifyInstance): void {
  const routeScopes = new Map<string, RouteScope>();
  const forgotten: string[] = [];
  app.decorate('routeScopes', routeScopes);
  app.addHook('onRoute', route => {
    const shared = sharedRoutes.find(([pattern]) => pattern.test(route.url));
    const scope = route.config?.scope ?? shared?.[1];
    route.config = { ...route.config, ...(scope && { scope }) };
    for (const method of [route.method].flat()) {
      if (scope) routeScopes.set(`${method} ${route.url}`, scope);
      else forgotten.push(`${method} ${route.url}`);
    }
  });
  app.addHook('onReady', async () => {
    if (forgotten.length > 0) throw new Error(`Routes without config.scope: ${forgotten.join(', ')}`);
  });
}
