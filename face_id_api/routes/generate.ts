import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ServiceError } from '../../detector/errors.ts';
import type { ApiDeps } from '../app.ts';
import { gateModes } from '../core/gate-mode.ts';
import { qualityReasons } from '../core/quality-faults.ts';
import { type Enrolled, enrol } from '../enrol.ts';
import { photoDocs } from '../openapi/photo-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { refusalCodes } from '../take-face.ts';
import { faceQualitySchema, toFaceQuality } from './face-quality.ts';
import { onGivenValues } from './path-id.ts';
import { fieldsPatchShape, galleryQueryShape, identityIdSchema, querySwitch } from './schemas.ts';

export const generateBodySchema = z.object({
  id: identityIdSchema,
  // An empty one is that image's own fault, not the request's.
  images: z
    .array(z.object({ image: z.string() }))
    .min(1)
    .max(100),
  ...fieldsPatchShape,
});

export const generateQuerySchema = z.strictObject({
  ...galleryQueryShape,
  mode: z.enum(['replace', 'append']).default('replace').describe('Whether what the id had goes or stays.'),
  faces: z
    .enum(['single', 'largest'])
    .default('largest')
    .describe('`single` refuses an image with several faces, `largest` takes its largest.'),
  gate: z
    .enum(gateModes)
    .default('off')
    .describe(
      'What becomes of an image that falls short of `quality.thresholds`: `refuse` leaves it out, `warn` enrols it and says so. The stricter of this and ' +
        '`quality.gate` of the configuration applies.',
    ),
  quality: querySwitch
    .default('false')
    .describe('`true` adds `quality`: what was measured on the largest face of each image.'),
  legacy: querySwitch
    .default('false')
    .describe('`true` answers 200 `{"Response":"No embedding generated"}` where no image has a usable face.'),
});

export const refusalSchema = z.object({
  index: z.int(),
  code: z.enum(refusalCodes),
  reason: z.string(),
  reasons: z
    .array(z.enum(qualityReasons))
    .optional()
    .describe('All in which it falls short, `EXCEEDS_MAX_FACES` first; absent where the image itself is at fault.'),
});

export const warningSchema = z.object({
  index: z.int(),
  code: z.enum(qualityReasons).describe('The first of `reasons`.'),
  reason: z.string(),
  reasons: z.array(z.enum(qualityReasons)).describe('All in which it falls short.'),
});

export const generateReplySchema = z.union([
  z.object({
    id: identityIdSchema,
    enrolled: z.int(),
    templates: z.int(),
    refused: z.array(refusalSchema).describe('Images that were left out.'),
    warnings: z.array(warningSchema).describe('Images that were enrolled although they fall short.'),
    quality: z
      .array(faceQualitySchema.extend({ index: z.int() }))
      .optional()
      .describe('With `quality=true`: the images with a face.'),
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
        const { gallery, mode, faces, gate, quality, legacy } = request.query;
        const isMeasured = quality === 'true';
        const { enrolled, templates, ...outcome } = await withDeadline(reply, deadlineMs, signal =>
          onGivenValues(() =>
            enrol(
              deps,
              {
                gallery,
                id,
                images: images.map(({ image }) => image),
                mode,
                faces,
                gate,
                quality: isMeasured,
                fields,
              },
              { maxImageBytes: app.maxImageBytes, signal },
            ),
          ),
        );
        const about = toOutcome(outcome, isMeasured);
        if (templates !== null) return { id, enrolled, templates, ...about, Response: 'OK' as const };
        if (legacy === 'true') return { Response: 'No embedding generated' as const };
        throw new ServiceError('NO_FACE_ENROLLED', `None of the ${images.length} images was usable; nothing changed`, {
          extra: { refused: about.refused, ...('quality' in about && { quality: about.quality }) },
        });
      },
    );
  };
}

/** What became of the images, and what was measured where that was asked for. */
function toOutcome(
  { refused, warnings, measured }: Pick<Enrolled, 'refused' | 'warnings' | 'measured'>,
  isMeasured: boolean,
) {
  return {
    refused: refused.map(({ reasons, ...rest }) => ({ ...rest, ...(reasons && { reasons: [...reasons] }) })),
    warnings: warnings.map(({ reasons, ...rest }) => ({ ...rest, reasons: [...reasons] })),
    ...(isMeasured && {
      quality: measured.map(({ index, quality, reasons }) => ({ index, ...toFaceQuality(quality, reasons) })),
    }),
  };
}
