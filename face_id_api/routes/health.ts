import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../app.ts';
import { checkReadiness } from '../check-readiness.ts';
import { serviceDocs } from '../openapi/service-docs.ts';

export const healthReplySchema = z.object({ status: z.literal('ok') });

const checkSchema = z.object({ state: z.enum(['ok', 'degraded', 'missing']), reason: z.string().optional() });

export const readyReplySchema = z.object({
  status: z.enum(['ready', 'degraded', 'not_ready']),
  checks: z.object({ detector: checkSchema, embedder: checkSchema, store: checkSchema, decision: checkSchema }),
});

/** `/healthz`: the process answers. `/readyz`: 200 when photos can be answered, 503 naming what is missing. */
export function healthRoutes(deps: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  return async app => {
    const healthOptions = {
      schema: { response: { 200: healthReplySchema } },
      config: { doc: serviceDocs.health, scope: 'open' as const },
    };
    app.get('/healthz', healthOptions, async () => ({ status: 'ok' as const }));

    const schema = { response: { 200: readyReplySchema, 503: readyReplySchema } };
    app.get(
      '/readyz',
      { schema, config: { doc: serviceDocs.ready, scope: 'open' as const } },
      async (_request, reply) => {
        const readiness = await checkReadiness(deps, AbortSignal.timeout(deadlineMs));
        return reply.code(readiness.status === 'not_ready' ? 503 : 200).send(readiness);
      },
    );
  };
}
