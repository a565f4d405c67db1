import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { OpenSet } from '../../triton/open-set.ts';
import type { ApiDeps } from '../app.ts';
import type { ModelStatus } from '../list-models.ts';
import { serviceDocs } from '../openapi/service-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';

const measuredRate = z.object({ rate: z.number(), bounds: z.tuple([z.number(), z.number()]).describe('95 %.') });

const openSetStatus = z
  .object({
    identities: z.int(),
    templates: z.int(),
    rank_one: measuredRate,
    failure_to_enrol: measuredRate,
    rates: z.array(
      z.object({
        fpir: z.number().describe('Share of strangers who are taken for somebody, as asked for.'),
        supported: z.boolean().describe('False: the threshold rests on fewer than 30 errors.'),
        threshold: z.number().nullable(),
        fnir: measuredRate.nullable().describe('Share of searches for the enrolled that miss them at it.'),
      }),
    ),
    faults: z.array(z.object({ fault: z.string(), fpir: measuredRate, fnir: measuredRate })),
  })
  .describe('Identification among strangers; faults at the threshold of the first rate.');

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
      open_set: openSetStatus.nullable().describe('Null where it was not measured.'),
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
  const calibration = card.calibration.map(({ detector, accuracy, pairs, thresholds, open_set }) => ({
    detector,
    accuracy,
    pairs,
    thresholds: thresholds.map(({ fmr, threshold, fnmr }) => ({ fmr, threshold, fnmr })),
    open_set: open_set && toOpenSetStatus(open_set),
  }));
  return { name, kind, purpose, licence, commercial, fingerprint, active, ready, calibration };
}

function toOpenSetStatus({
  gallery,
  rank_one,
  failure_to_enrol,
  rates,
  faults,
}: OpenSet): z.input<typeof openSetStatus> {
  return {
    ...gallery,
    rank_one: toRate(rank_one),
    failure_to_enrol: toRate(failure_to_enrol),
    rates: rates.map(({ fpir, supported, point }) => ({
      fpir,
      supported,
      threshold: point?.threshold ?? null,
      fnir: point && toRate(point.fnir),
    })),
    faults: faults.map(({ fault, point }) => ({ fault, fpir: toRate(point.fpir), fnir: toRate(point.fnir) })),
  };
}

function toRate({ rate, bounds }: OpenSet['rank_one']): z.input<typeof measuredRate> {
  return { rate, bounds };
}
