import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ServiceError } from '../../detector/errors.ts';
import { queryNumber } from '../../detector/http/query-number.ts';
import type { ApiDeps } from '../app.ts';
import { roundTo } from '../core/round.ts';
import type { RuleRequest } from '../decision-rules.ts';
import { unknownDocs } from '../openapi/unknown-docs.ts';
import { limitInFlight } from '../plugins/limit-in-flight.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { presentRule } from '../present-rule.ts';
import { createUnknownClusters, type UnknownCluster } from '../unknown-clusters.ts';
import type { UnknownKeeper } from '../unknown-keeper.ts';
import { erasedReplySchema, toErasedReply } from './erased-reply.ts';
import { onGivenValues } from './path-id.ts';
import { appliedRuleSchema, isOneRule, ruleQueryShape, twoRules } from './rule-query.ts';
import { confirmSchema, fieldsPatchShape, galleryQueryShape, identityIdSchema, scoreSchema } from './schemas.ts';

const clusterShape = { ...galleryQueryShape, ...ruleQueryShape };

export const clustersQuerySchema = z
  .strictObject({
    ...clusterShape,
    min_size: queryNumber(z.int().min(1).max(20_000)).default(2).describe('Groups with fewer faces are left out.'),
  })
  .refine(isOneRule, twoRules);

export const clusterQuerySchema = z.strictObject(clusterShape).refine(isOneRule, twoRules);

export const clusterSchema = z.object({
  id: z.string().describe('Of exactly these faces.'),
  size: z.int().describe('How many faces.'),
  first_seen: z.string().describe('ISO 8601, UTC.'),
  last_seen: z.string(),
  cohesion: scoreSchema.describe('Mean cosine of its pairs.'),
});

export const clustersReplySchema = z.object({
  clusters: z.array(clusterSchema).describe('Largest first.'),
  faces: z.int().describe('Unknown faces that are kept, also those in no group that is listed.'),
  keeping: z.boolean().describe('`unknowns.keep` of the configuration.'),
  days: z.number().describe('`unknowns.days`: after so many a face is erased.'),
  rule: appliedRuleSchema.describe('Faces are grouped as long as their mean cosine reaches the threshold.'),
});

export const clusterPathSchema = z.object({
  cluster: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected the id of a group of unknown faces')
    .describe("The group's id."),
});

export const enrolClusterBodySchema = z.strictObject({
  id: identityIdSchema,
  templates: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('At most so many faces become templates: those that differ most.'),
  ...fieldsPatchShape,
});

export const enrolledClusterSchema = z.object({
  id: identityIdSchema,
  enrolled: z.int().describe('Faces that became templates.'),
  faces: z.int().describe('Faces that are unknown no more.'),
  templates: z.int().describe('Templates that the id has now.'),
});

export const deleteUnknownsQuerySchema = z.strictObject({ confirm: confirmSchema, ...galleryQueryShape });

/** Each reads and compares every unknown face. */
const groupingsAtOnce = 2;

/** `/unknowns`: faces that nobody was found for, where the configuration has them kept; in groups that are likely to be one person. */
export function unknownsRoutes(
  deps: ApiDeps,
  keeper: UnknownKeeper,
  { deadlineMs, days }: { readonly deadlineMs: number; readonly days: number },
): FastifyPluginAsyncZod {
  const clusters = createUnknownClusters(deps.store, keeper);
  const ruleFor = (query: RuleRequest) => presentRule(deps, query);

  return async app => {
    limitInFlight(app, { most: groupingsAtOnce, what: 'requests about unknown faces' });

    const listOptions = {
      schema: { querystring: clustersQuerySchema, response: { 200: clustersReplySchema } },
      config: { doc: unknownDocs.listClusters, scope: 'read' as const },
    };
    app.get('/unknowns/clusters', listOptions, async ({ query }, reply) => {
      const { threshold, fmr } = await ruleFor(query);
      const found = await withDeadline(reply, deadlineMs, signal =>
        clusters.list(query.gallery, { threshold, minSize: query.min_size, signal }),
      );
      return {
        clusters: found.clusters.map(toCluster),
        faces: found.faces,
        keeping: keeper.keeps,
        days,
        rule: { threshold, fmr },
      };
    });

    const enrolOptions = {
      schema: {
        params: clusterPathSchema,
        querystring: clusterQuerySchema,
        body: enrolClusterBodySchema,
        response: { 200: enrolledClusterSchema },
      },
      config: { doc: unknownDocs.enrolCluster, scope: 'enrol' as const },
    };
    app.post('/unknowns/clusters/:cluster/enrol', enrolOptions, async ({ params, query, body }, reply) => {
      const { id, templates, ...fields } = body;
      const { threshold } = await ruleFor(query);
      const enrolled = await withDeadline(reply, deadlineMs, signal =>
        onGivenValues(() =>
          clusters.enrol(query.gallery, params.cluster, { id, templates, fields }, { threshold, signal }),
        ),
      );
      return { id, ...enrolled };
    });

    const deleteOneOptions = {
      schema: { params: clusterPathSchema, querystring: clusterQuerySchema, response: { 200: erasedReplySchema } },
      config: { doc: unknownDocs.deleteCluster, scope: 'erase' as const },
    };
    app.delete('/unknowns/clusters/:cluster', deleteOneOptions, async ({ params, query }, reply) => {
      const { threshold } = await ruleFor(query);
      const erased = await withDeadline(reply, deadlineMs, signal =>
        clusters.remove(query.gallery, params.cluster, { threshold, signal }),
      );
      return toErasedReply(query.gallery, { subject: 'unknowns' }, erased);
    });

    const deleteOptions = {
      schema: { querystring: deleteUnknownsQuerySchema, response: { 200: erasedReplySchema } },
      config: { doc: unknownDocs.deleteUnknowns, scope: 'erase' as const },
    };
    app.delete('/unknowns', deleteOptions, async ({ query: { confirm, gallery } }) => {
      if (confirm !== 'all') {
        throw new ServiceError('CONFIRMATION_REQUIRED', 'query.confirm: expected all; this deletes every unknown face');
      }
      return toErasedReply(gallery, { subject: 'unknowns' }, await clusters.removeAll(gallery));
    });
  };
}

function toCluster({ id, size, firstSeen, lastSeen, cohesion }: UnknownCluster): z.input<typeof clusterSchema> {
  return { id, size, first_seen: firstSeen, last_seen: lastSeen, cohesion: roundTo(Math.min(1, cohesion), 6) };
}
