import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readImage } from '../../detector/http/image-body.ts';
import { queryNumber } from '../../detector/http/query-number.ts';
import { searchQueryShape, toSearchLimits } from '../../detector/http/search-query.ts';
import type { ApiDeps } from '../app.ts';
import { roundTo } from '../core/round.ts';
import { type Identification, type IdentifiedFace, identify } from '../identify.ts';
import { photoDocs } from '../openapi/photo-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { faceArraysSchema, toFaceArrays } from './face-arrays.ts';
import { embeddingSchema, facePlaceSchema, toEmbedding, toFacePlace } from './face-place.ts';
import { isOneRule, ruleQueryShape, twoRules } from './rule-query.ts';
import {
  confidenceSchema,
  decisionSchema,
  identityIdSchema,
  imageSizeSchema,
  modelSchema,
  querySwitch,
  scoreSchema,
} from './schemas.ts';

export const inferQuerySchema = z
  .strictObject({
    top_k: queryNumber(z.int().min(1).max(100))
      .optional()
      .describe('Adds the nearest identities of each face, below the threshold too.'),
    ...ruleQueryShape,
    embeddings: querySwitch
      .optional()
      .describe('`true` adds the unit vector of each face. Default: false; with `format=arrays` true.'),
    format: z
      .enum(['faces', 'arrays'])
      .default('faces')
      .describe('`arrays` answers as older clients expect: the nearest identity, whoever that is. It takes no rule.'),
    ...searchQueryShape,
  })
  .refine(isOneRule, twoRules)
  .refine(query => query.format === 'faces' || (query.threshold ?? query.fmr ?? query.top_k) === undefined, {
    path: ['format'],
    error: 'expected no threshold, fmr or top_k with format=arrays',
  });

export const faceSchema = z.object({
  id: identityIdSchema.nullable().describe('Null unless `decision` is `match`.'),
  decision: decisionSchema,
  score: scoreSchema.nullable().describe('Cosine of the nearest identity; null in an empty gallery.'),
  confidence: confidenceSchema,
  ...facePlaceSchema.shape,
  candidates: z
    .array(z.object({ id: identityIdSchema, score: scoreSchema, confidence: confidenceSchema }))
    .optional()
    .describe('With `top_k`, best first.'),
  embedding: embeddingSchema.optional(),
});

export const inferReplySchema = z.object({
  faces: z.array(faceSchema).describe('Largest first.'),
  model: modelSchema,
  detector: z.string(),
  image: imageSizeSchema,
});

/** `POST /infer`: who is in a photo. */
export function inferRoute(deps: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  return async app => {
    const schema = {
      querystring: inferQuerySchema,
      response: { 200: z.union([inferReplySchema, faceArraysSchema]) },
    };
    app.post('/infer', { schema, config: { doc: photoDocs.infer } }, async (request, reply) => {
      const { top_k, threshold, fmr, embeddings, format, ...query } = request.query;
      const asArrays = format === 'arrays';
      return withDeadline(reply, deadlineMs, async signal => {
        const image = await readImage(request);
        const topK = asArrays ? 1 : top_k;
        const found = await identify(deps, image, { topK, threshold, fmr, search: toSearchLimits(query), signal });
        return asArrays ? toFaceArrays(found.faces, embeddings !== 'false') : toReply(found, embeddings === 'true');
      });
    });
  };
}

function toReply(found: Identification, withEmbeddings: boolean): z.input<typeof inferReplySchema> {
  const { faces, model, detector, image } = found;
  return { faces: faces.map(face => toFace(face, withEmbeddings)), model, detector, image };
}

function toFace(identified: IdentifiedFace, withEmbedding: boolean): z.input<typeof faceSchema> {
  const { face, verdict, candidates, embedding } = identified;
  return {
    id: verdict.id,
    decision: verdict.decision,
    score: shorten(verdict.score),
    confidence: shorten(verdict.confidence),
    ...toFacePlace(face),
    ...(candidates && {
      candidates: candidates.map(c => ({ id: c.id, score: roundTo(c.score, 6), confidence: shorten(c.confidence) })),
    }),
    ...(withEmbedding && { embedding: toEmbedding(embedding) }),
  };
}

const shorten = (value: number | null): number | null => (value === null ? null : roundTo(value, 6));
