import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readImage } from '../../detector/http/image-body.ts';
import { searchQueryShape, toSearchLimits } from '../../detector/http/search-query.ts';
import type { ApiDeps } from '../app.ts';
import { embedFaces } from '../embed-faces.ts';
import { photoDocs } from '../openapi/photo-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { embeddingSchema, facePlaceSchema, toEmbedding, toFacePlace } from './face-place.ts';
import { faceQualitySchema, qualityMember, qualityQueryShape } from './face-quality.ts';
import { imageSizeSchema, modelSchema } from './schemas.ts';

export const embeddingsQuerySchema = z.strictObject({ ...qualityQueryShape, ...searchQueryShape });

export const embeddingsReplySchema = z.object({
  faces: z
    .array(
      facePlaceSchema.extend({
        embedding: embeddingSchema,
        quality: faceQualitySchema.optional().describe('With `quality=true`.'),
      }),
    )
    .describe('Largest first.'),
  model: modelSchema,
  detector: z.string(),
  image: imageSizeSchema,
});

/** `POST /embeddings`: the faces of a photo as unit vectors. Nobody is looked up, nothing is kept. */
export function embeddingsRoute(deps: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  return async app => {
    const schema = { querystring: embeddingsQuerySchema, response: { 200: embeddingsReplySchema } };
    app.post('/embeddings', { schema, config: { doc: photoDocs.embeddings, scope: 'read' } }, async (request, reply) =>
      withDeadline(reply, deadlineMs, async signal => {
        const { quality, ...query } = request.query;
        const search = { ...toSearchLimits(query), quality: quality === 'true' };
        const found = await embedFaces(deps, await readImage(request), search, { signal });
        const faces = found.faces.map(({ face, embedding, quality }) => ({
          ...toFacePlace(face),
          embedding: toEmbedding(embedding),
          ...qualityMember(quality, deps.quality.thresholds, found.detector),
        }));
        return { ...found, faces };
      }),
    );
  };
}
