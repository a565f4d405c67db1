import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../app.ts';
import type { ModelStatus } from '../list-models.ts';
import { serviceDocs } from '../openapi/service-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';

export const modelStatusSchema = z.object({
  name: z.string(),
  kind: z.enum(['embedder', 'detector']),
  purpose: z.string(),
  licence: z.string(),
  commercial: z.boolean(),
  fingerprint: z.string(),
  active: z.boolean().describe('Whether this service uses it.'),
  ready: z.boolean(),
  calibration: z.array(
    z.object({
      detector: z.string(),
      accuracy: z.number(),
      pairs: z.object({ same: z.int(), different: z.int() }),
      thresholds: z
        .array(
          z.object({
            fmr: z.number(),
            threshold: z.number().nullable(),
            fnmr: z.number().nullable().describe('Share of pairs of one person that are missed at it.'),
          }),
        )
        .describe('Threshold null: the data hold too few errors to support the rate.'),
    }),
  ),
});

export const modelsReplySchema = z.object({ models: z.array(modelStatusSchema) });

/** `GET /models`: the installed models, their cards in short. */
export function modelsRoute({ listModels }: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  return async app => {
    const options = {
      schema: { response: { 200: modelsReplySchema } },
      config: { doc: serviceDocs.models, scope: 'read' as const },
    };
    app.get('/models', options, async (_request, reply) => {
      const models = await withDeadline(reply, deadlineMs, signal => listModels({ signal }));
      return { models: models.map(toStatus) };
    });
  };
}

function toStatus({ card, active, ready }: ModelStatus): z.input<typeof modelStatusSchema> {
  const { name, kind, purpose, licence, commercial, fingerprint } = card;
  const calibration = card.calibration.map(({ detector, accuracy, pairs, thresholds }) => ({
    detector,
    accuracy,
    pairs,
    thresholds: thresholds.map(({ fmr, threshold, fnmr }) => ({ fmr, threshold, fnmr })),
  }));
  return { name, kind, purpose, licence, commercial, fingerprint, active, ready, calibration };
}
