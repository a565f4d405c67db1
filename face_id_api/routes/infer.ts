import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readImage } from '../../detector/http/image-body.ts';
import { queryNumber } from '../../detector/http/query-number.ts';
import { searchQueryShape, toSearchLimits } from '../../detector/http/search-query.ts';
import type { ApiDeps } from '../app.ts';
import type { ConfiguredThresholds } from '../core/quality-faults.ts';
import { roundTo } from '../core/round.ts';
import { type AppliedRule, type Identification, type IdentifiedFace, identify } from '../identify.ts';
import { photoDocs } from '../openapi/photo-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { faceArraysSchema, toFaceArrays } from './face-arrays.ts';
import { embeddingSchema, facePlaceSchema, toEmbedding, toFacePlace } from './face-place.ts';
import { faceQualitySchema, qualityMember, qualityQueryShape } from './face-quality.ts';
import { appliedRuleSchema, isOneRule, ruleQueryShape, twoRules } from './rule-query.ts';
import {
  confidenceSchema,
  decisionSchema,
  galleryQueryShape,
  identityIdSchema,
  imageSizeSchema,
  modelSchema,
  probabilitySchema,
  querySwitch,
  scoreSchema,
} from './schemas.ts';

export const inferQuerySchema = z
  .strictObject({
    top_k: queryNumber(z.int().min(1).max(100))
      .optional()
      .describe('Adds the nearest identities of each face, below the threshold too.'),
    by: z
      .enum(['template', 'person'])
      .default('template')
      .describe('What a face is compared with: each template, or one vector per person, their mean without outliers.'),
    ...galleryQueryShape,
    ...ruleQueryShape,
    embeddings: querySwitch
      .optional()
      .describe('`true` adds the unit vector of each face. Default: false; with `format=arrays` true.'),
    format: z
      .enum(['faces', 'arrays'])
      .default('faces')
      .describe('`arrays` answers as older clients expect: the nearest identity, whoever that is. It takes no rule.'),
    ...qualityQueryShape,
    ...searchQueryShape,
  })
  .refine(isOneRule, twoRules)
  .refine(query => query.format === 'faces' || (query.threshold ?? query.fmr ?? query.top_k) === undefined, {
    path: ['format'],
    error: 'expected no threshold, fmr or top_k with format=arrays',
  })
  .refine(query => query.format === 'faces' || query.quality !== 'true', {
    path: ['format'],
    error: 'expected no quality with format=arrays',
  });

export const faceSchema = z.object({
  id: identityIdSchema.nullable().describe('Null unless `decision` is `match`.'),
  decision: decisionSchema,
  score: scoreSchema
    .nullable()
    .describe('Cosine of the nearest identity that is not struck; null where there is none.'),
  confidence: confidenceSchema,
  rejected: z
    .int()
    .optional()
    .describe(
      'Identities that reach the threshold and were struck, since somebody said of a face like this that it is not theirs.',
    ),
  ...facePlaceSchema.shape,
  candidates: z
    .array(
      z.object({
        id: identityIdSchema,
        score: scoreSchema,
        confidence: confidenceSchema,
        rejection: scoreSchema
          .optional()
          .describe(
            'Cosine of the nearest face that is known not to be this identity: it is struck where this reaches the threshold and exceeds `score`.',
          ),
      }),
    )
    .optional()
    .describe('Best first. With `top_k`; of an ambiguous face always, the two that it may be among them.'),
  embedding: embeddingSchema.optional(),
  quality: faceQualitySchema.optional().describe('With `quality=true`.'),
});

export const inferReplySchema = z.object({
  faces: z.array(faceSchema).describe('Largest first.'),
  rule: appliedRuleSchema.extend({
    margin: z
      .number()
      .describe('Cosine by which the nearest identity has to lead the next, or the face is `ambiguous`.'),
    by: z.enum(['template', 'person']),
    comparisons: z.int().describe('Templates, or people, that each face was compared with.'),
    expected_fpir: probabilitySchema
      .nullable()
      .describe(
        'Share of strangers that are expected to be taken for somebody in a gallery of this size: 1 − (1 − fmr)^comparisons. An ' +
          'approximation, as if comparisons were independent.',
      ),
  }),
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
    app.post('/infer', { schema, config: { doc: photoDocs.infer, scope: 'read' } }, async (request, reply) => {
      const { gallery, top_k, by, threshold, fmr, embeddings, format, quality, ...query } = request.query;
      const asArrays = format === 'arrays';
      return withDeadline(reply, deadlineMs, async signal => {
        const image = await readImage(request);
        const topK = asArrays ? 1 : top_k;
        const search = { ...toSearchLimits(query), quality: quality === 'true' };
        const found = await identify(deps, image, { gallery, topK, by, threshold, fmr, search, signal });
        const { thresholds } = deps.quality;
        if (!asArrays) return toReply(found, { withEmbeddings: embeddings === 'true', thresholds });
        return toFaceArrays(found.faces, found.rule.threshold, embeddings !== 'false');
      });
    });
  };
}

type ReplyOptions = { readonly withEmbeddings: boolean; readonly thresholds: ConfiguredThresholds };

function toReply(found: Identification, options: ReplyOptions): z.input<typeof inferReplySchema> {
  const { faces, rule, model, detector, image } = found;
  return { faces: faces.map(face => toFace(face, detector, options)), rule: toRule(rule), model, detector, image };
}

function toRule({ expectedFpir, margin, ...rule }: AppliedRule): z.input<typeof inferReplySchema>['rule'] {
  return { ...rule, margin: roundTo(margin, 6), expected_fpir: shorten(expectedFpir) };
}

function toFace(
  identified: IdentifiedFace,
  detector: string,
  { withEmbeddings, thresholds }: ReplyOptions,
): z.input<typeof faceSchema> {
  const { face, verdict, rejected, candidates, embedding, quality } = identified;
  return {
    id: verdict.id,
    decision: verdict.decision,
    score: shorten(verdict.score),
    confidence: shorten(verdict.confidence),
    ...(rejected !== undefined && { rejected }),
    ...toFacePlace(face),
    ...(candidates && { candidates: candidates.map(toCandidate) }),
    ...(withEmbeddings && { embedding: toEmbedding(embedding) }),
    ...qualityMember(quality, thresholds, detector),
  };
}

function toCandidate({ id, score, confidence, rejection }: NonNullable<IdentifiedFace['candidates']>[number]) {
  return {
    id,
    score: roundTo(score, 6),
    confidence: shorten(confidence),
    ...(rejection !== undefined && { rejection: roundTo(rejection, 6) }),
  };
}

const shorten = (value: number | null): number | null => (value === null ? null : roundTo(value, 6));
