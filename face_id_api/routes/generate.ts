import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ServiceError } from '../../detector/errors.ts';
import { imageJsonSchema } from '../../detector/http/image-body.ts';
import type { ApiDeps } from '../app.ts';
import { enrol, refusalCodes } from '../enrol.ts';
import { photoDocs } from '../openapi/photo-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { onGivenValues } from './path-id.ts';
import { fieldsPatchShape, galleryQueryShape, identityIdSchema, querySwitch } from './schemas.ts';

export const generateBodySchema = z.object({
  id: identityIdSchema,
  images: z.array(imageJsonSchema).min(1).max(100),
  ...fieldsPatchShape,
});

export const generateQuerySchema = z.strictObject({
  ...galleryQueryShape,
  mode: z.enum(['replace', 'append']).default('replace').describe('Whether what the id had goes or stays.'),
  faces: z
    .enum(['single', 'largest'])
    .default('largest')
    .describe('`single` refuses an image with several faces, `largest` takes its largest.'),
  legacy: querySwitch
    .default('false')
    .describe('`true` answers 200 `{"Response":"No embedding generated"}` where no image has a usable face.'),
});

export const refusalSchema = z.object({ index: z.int(), code: z.enum(refusalCodes), reason: z.string() });

export const generateReplySchema = z.union([
  z.object({
    id: identityIdSchema,
    enrolled: z.int(),
    templates: z.int(),
    refused: z.array(refusalSchema),
    Response: z.literal('OK'),
  }),
  z.object({ Response: z.literal('No embedding generated') }),
]);

/** `POST /generate`: enrols a person. `bodyLimit` bounds all images of a request together. */
export function generateRoute(deps: ApiDeps, limits: { deadlineMs: number; bodyLimit: number }): FastifyPluginAsyncZod {
  const { deadlineMs, bodyLimit } = limits;
  return async app => {
    const schema = {
      body: generateBodySchema,
      querystring: generateQuerySchema,
      response: { 200: generateReplySchema },
    };
    app.post(
      '/generate',
      { schema, bodyLimit, config: { doc: photoDocs.generate, scope: 'enrol' } },
      async (request, reply) => {
        const { id, images, ...fields } = request.body;
        const { gallery, mode, faces, legacy } = request.query;
        const { enrolled, templates, refused } = await withDeadline(reply, deadlineMs, signal =>
          onGivenValues(() =>
            enrol(
              deps,
              { gallery, id, images: images.map(({ image }) => image), mode, faces, fields },
              { maxImageBytes: app.maxImageBytes, signal },
            ),
          ),
        );
        if (templates !== null) return { id, enrolled, templates, refused: [...refused], Response: 'OK' as const };
        if (legacy === 'true') return { Response: 'No embedding generated' as const };
        throw new ServiceError('NO_FACE_ENROLLED', `None of the ${images.length} images was usable; nothing changed`, {
          extra: { refused },
        });
      },
    );
  };
}
