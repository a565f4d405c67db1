import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { imageJsonSchema } from '../../detector/http/image-body.ts';
import type { ApiDeps } from '../app.ts';
import { roundTo } from '../core/round.ts';
import { photoDocs } from '../openapi/photo-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { type VerifiedFace, verify } from '../verify.ts';
import { facePlaceSchema, toFacePlace } from './face-place.ts';
import { faceQualitySchema, qualityMember, qualityQueryShape } from './face-quality.ts';
import { appliedRuleSchema, isOneRule, ruleQueryShape, twoRules } from './rule-query.ts';
import { confidenceSchema, decisionSchema, modelSchema, scoreSchema } from './schemas.ts';

const { image } = imageJsonSchema.shape;

export const verifyBodySchema = z.object({ source_image: image, target_image: image });

export const verifyQuerySchema = z
  .strictObject({ ...ruleQueryShape, ...qualityQueryShape })
  .refine(isOneRule, twoRules);

const verifiedFaceSchema = facePlaceSchema.extend({
  quality: faceQualitySchema.optional().describe('With `quality=true`.'),
});

export const verifyReplySchema = z.object({
  decision: decisionSchema,
  score: scoreSchema.describe('Cosine of the two faces.'),
  confidence: confidenceSchema,
  source_face: verifiedFaceSchema,
  target_face: verifiedFaceSchema,
  rule: appliedRuleSchema,
  model: modelSchema,
  detector: z.string(),
});

/** `POST /verify`: whether the largest faces of two photos are the same person's. */
export function verifyRoute(deps: ApiDeps, limits: { deadlineMs: number; bodyLimit: number }): FastifyPluginAsyncZod {
  const { deadlineMs, bodyLimit } = limits;
  return async app => {
    const schema = {
      body: verifyBodySchema,
      querystring: verifyQuerySchema,
      response: { 200: verifyReplySchema },
    };
    app.post(
      '/verify',
      { schema, bodyLimit, config: { doc: photoDocs.verify, scope: 'read' } },
      async (request, reply) =>
        withDeadline(reply, deadlineMs, async signal => {
          const { quality, ...rule } = request.query;
          const options = { ...rule, quality: quality === 'true', maxImageBytes: app.maxImageBytes, signal };
          const { score, confidence, source, target, ...rest } = await verify(deps, request.body, options);
          const qualityOf = ({ quality }: VerifiedFace) =>
            qualityMember(quality, deps.quality.thresholds, rest.detector);
          return {
            ...rest,
            score: roundTo(score, 6),
            confidence: confidence === null ? null : roundTo(confidence, 6),
            source_face: { ...toFacePlace(source.face), ...qualityOf(source) },
            target_face: { ...toFacePlace(target.face), ...qualityOf(target) },
          };
        }),
    );
  };
}
