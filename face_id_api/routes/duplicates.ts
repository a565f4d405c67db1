import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import { queryNumber } from '../../detector/http/query-number.ts';
import type { ApiDeps } from '../app.ts';
import { confidenceOf, type ProbabilityCurve } from '../core/decide.ts';
import { decodeCursor, encodeCursor, type IdentityId } from '../core/identity-id.ts';
import { roundTo } from '../core/round.ts';
import { type Duplicate, findDuplicates } from '../find-duplicates.ts';
import { duplicateDocs } from '../openapi/duplicate-docs.ts';
import { limitInFlight } from '../plugins/limit-in-flight.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { presentRule } from '../present-rule.ts';
import type { Gallery } from '../store/store.ts';
import { expectOther, onGivenValues } from './path-id.ts';
import { appliedRuleSchema, isOneRule, ruleQueryShape, twoRules } from './rule-query.ts';
import { confidenceSchema, galleryQueryShape, identityIdSchema, identitySchema, scoreSchema } from './schemas.ts';

export const duplicatesQuerySchema = z
  .strictObject({
    ...galleryQueryShape,
    limit: queryNumber(z.int().min(1).max(100))
      .default(20)
      .describe('Pairs from which on the page ends; the last identity that was looked at may bring a few more.'),
    after: z.string().optional().describe('`next` of the page before.'),
    ...ruleQueryShape,
  })
  .refine(isOneRule, twoRules);

export const duplicateSchema = z.object({
  a: identitySchema,
  b: identitySchema,
  score: scoreSchema.describe('Cosine of their person vectors.'),
  confidence: confidenceSchema,
});

export const duplicatesReplySchema = z.object({
  pairs: z.array(duplicateSchema).describe('Most alike first within the page; every pair comes once.'),
  looked: z.int().describe('How many identities this page compared with all others.'),
  next: z
    .string()
    .nullable()
    .describe('For `after` of the next page, which may be there although this one has no pairs; null at the end.'),
  rule: appliedRuleSchema,
});

export const pairBodySchema = z.strictObject({ a: identityIdSchema, b: identityIdSchema });

export const pairReplySchema = z.object({ ...pairBodySchema.shape, distinct: z.boolean() });

/** A page takes about this long, and a gallery of any size many of them. */
const pageBudgetMs = 2000;
/** Each keeps the index or the cluster busy. */
const walksAtOnce = 2;

/** `/duplicates`: who may be enrolled twice, for somebody to look at. Merging is `POST /identities/:id/merge`. */
export function duplicatesRoutes(deps: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  const { store } = deps;
  return async app => {
    await app.register(listRoute(deps, deadlineMs));
    for (const [path, doc, distinct] of [
      ['/duplicates/dismiss', duplicateDocs.dismissDuplicate, true],
      ['/duplicates/restore', duplicateDocs.restoreDuplicate, false],
    ] as const) {
      const options = {
        schema: {
          body: pairBodySchema,
          querystring: z.strictObject(galleryQueryShape),
          response: { 200: pairReplySchema },
        },
        config: { doc, scope: 'enrol' as const },
      };
      app.post(path, options, async ({ body: { a, b }, query }) => {
        expectOther('body.b', b, a);
        await onGivenValues(() => store.gallery(query.gallery).setDistinct(a, b, distinct));
        return { a, b, distinct };
      });
    }
  };
}

function listRoute(deps: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  return async app => {
    limitInFlight(app, { most: walksAtOnce, what: 'searches for duplicates' });
    const options = {
      schema: { querystring: duplicatesQuerySchema, response: { 200: duplicatesReplySchema } },
      config: { doc: duplicateDocs.listDuplicates, scope: 'read' as const },
    };
    app.get('/duplicates', options, async ({ query }, reply) => {
      const after = query.after === undefined ? null : cursorOf(query.after);
      const { threshold, fmr, curve } = await presentRule(deps, query);
      const gallery = deps.store.gallery(query.gallery);
      const found = await withDeadline(reply, deadlineMs, signal =>
        findDuplicates(gallery, { after, limit: query.limit, threshold, budgetMs: pageBudgetMs, signal }),
      );
      const pairs = await Promise.all(found.pairs.map(pair => describe(gallery, pair, curve)));
      return {
        pairs: pairs.filter(pair => pair !== null),
        looked: found.looked,
        next: found.next === null ? null : encodeCursor(found.next),
        rule: { threshold, fmr },
      };
    });
  };
}

/** Null where one of them is gone since. */
async function describe(
  gallery: Gallery,
  pair: Duplicate,
  curve: ProbabilityCurve | null,
): Promise<z.input<typeof duplicateSchema> | null> {
  const [a, b] = await Promise.all([gallery.get(pair.a), gallery.get(pair.b)]);
  if (a === null || b === null) return null;
  const confidence = confidenceOf(pair.score, curve);
  return { a, b, score: roundTo(pair.score, 6), confidence: confidence === null ? null : roundTo(confidence, 6) };
}

function cursorOf(text: string): IdentityId {
  const id = decodeCursor(text);
  if (id === null) throw invalidRequest([{ path: 'query.after', message: 'expected `next` of an earlier page' }]);
  return id;
}
