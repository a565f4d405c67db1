import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { imageJsonSchema, readImage } from '../../detector/http/image-body.ts';
import type { ApiDeps } from '../app.ts';
import { roundTo } from '../core/round.ts';
import { type Identification, type IdentifiedFace, identify } from '../identify.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { boundingBoxSchema, identityIdSchema, landmarksSchema, modelSchema, queryNumber } from './schemas.ts';

/** The JSON form; a multipart file `image` and the image's raw bytes are taken too. */
export const inferBodySchema = imageJsonSchema;

export const inferQuerySchema = z
  .strictObject({
    /** Adds the nearest identities of each face, below the threshold too. */
    top_k: queryNumber(z.int().min(1).max(100)).optional(),
    /** Cosine from which on it is a match, in place of the configured rule. */
    threshold: queryNumber(z.number().min(-1).max(1)).optional(),
    /** One of the false-match rates that were measured. */
    fmr: queryNumber(z.number().positive().max(1)).optional(),
  })
  .refine(query => query.threshold === undefined || query.fmr === undefined, {
    path: ['fmr'],
    error: 'expected threshold or fmr, got both',
  });

const score = z.number().min(-1).max(1);
const probability = z.number().min(0).max(1);

export const faceSchema = z.object({
  id: identityIdSchema.nullable(),
  /** `ambiguous` is not answered yet; clients must expect it. */
  decision: z.enum(['match', 'unknown', 'ambiguous']),
  /** Cosine of the nearest identity; null in an empty gallery. */
  score: score.nullable(),
  /** Probability that it is the same person; null where nothing was measured. */
  confidence: probability.nullable(),
  bounding_box: boundingBoxSchema,
  detection_confidence: probability,
  landmarks: landmarksSchema,
  candidates: z.array(z.object({ id: identityIdSchema, score, confidence: probability.nullable() })).optional(),
});

export const inferReplySchema = z.object({
  /** Largest first. */
  faces: z.array(faceSchema),
  model: modelSchema,
  detector: z.string(),
  image: z.object({ width: z.int(), height: z.int() }),
});

/** `POST /infer`: who is in a photo. */
export function inferRoute(deps: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  return async app => {
    const schema = { querystring: inferQuerySchema, response: { 200: inferReplySchema } };
    app.post('/infer', { schema }, async (request, reply) => {
      const { top_k: topK, threshold, fmr } = request.query;
      return withDeadline(reply, deadlineMs, async signal => {
        const image = await readImage(request);
        return toReply(await identify(deps, image, { topK, threshold, fmr, signal }));
      });
    });
  };
}

function toReply({ faces, model, detector, image }: Identification): z.input<typeof inferReplySchema> {
  return { faces: faces.map(toFace), model, detector, image };
}

function toFace({ face, verdict, candidates }: IdentifiedFace): z.input<typeof faceSchema> {
  const [x1, y1, x2, y2] = face.box;
  const [eye, otherEye, nose, mouth, otherMouth] = face.landmarks;
  return {
    id: verdict.id,
    decision: verdict.decision,
    score: shorten(verdict.score),
    confidence: shorten(verdict.confidence),
    bounding_box: [pixel(x1), pixel(y1), pixel(x2), pixel(y2)],
    detection_confidence: roundTo(face.confidence, 6),
    landmarks: [at(eye), at(otherEye), at(nose), at(mouth), at(otherMouth)],
    ...(candidates && {
      candidates: candidates.map(c => ({ id: c.id, score: roundTo(c.score, 6), confidence: shorten(c.confidence) })),
    }),
  };
}

/** To a hundredth of a pixel. */
const pixel = (value: number): number => roundTo(value, 2);
const at = ([x, y]: readonly [number, number]): [number, number] => [pixel(x), pixel(y)];
const shorten = (value: number | null): number | null => (value === null ? null : roundTo(value, 6));
