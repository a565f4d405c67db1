import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ServiceError } from '../../detector/errors.ts';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import type { ApiDeps } from '../app.ts';
import { galleryDocs } from '../openapi/gallery-docs.ts';
import { isBeside, mainOf } from '../store/beside-name.ts';
import { erasedReplySchema, toErasedReply } from './erased-reply.ts';
import { confirmSchema, galleryNameSchema } from './schemas.ts';

export const galleryModelSchema = z.object({ name: z.string(), fingerprint: z.string(), dimension: z.int() });

export const gallerySchema = z.object({
  name: z.string(),
  kind: z.string().describe('What its items are.'),
  model: galleryModelSchema.describe('The model whose vectors it holds.'),
  created: z.string().describe('ISO 8601, UTC.'),
  identities: z.int(),
  templates: z.int(),
});

export const galleriesReplySchema = z.object({ galleries: z.array(gallerySchema).describe('By name.') });

export const galleryPathSchema = z.object({ name: galleryNameSchema });

export const putGalleryBodySchema = z.strictObject({
  kind: galleryNameSchema
    .default('face')
    .describe('What its items are.')
    .meta({ examples: ['face'] }),
});

export const deleteGalleryQuerySchema = z.strictObject({ confirm: confirmSchema });

/** `/galleries`: sets of identities that know nothing of each other. A new one takes the present embedder's model. */
export function galleriesRoutes({ store, embedder }: ApiDeps): FastifyPluginAsyncZod {
  return async app => {
    const listOptions = {
      schema: { response: { 200: galleriesReplySchema } },
      config: { doc: galleryDocs.listGalleries, scope: 'read' as const },
    };
    app.get('/galleries', listOptions, async () => ({ galleries: [...(await store.listGalleries())] }));

    const getOptions = {
      schema: { params: galleryPathSchema, response: { 200: gallerySchema } },
      config: { doc: galleryDocs.getGallery, scope: 'read' as const },
    };
    app.get('/galleries/:name', getOptions, async ({ params }) => store.gallery(params.name).describe());

    const putOptions = {
      schema: { params: galleryPathSchema, body: putGalleryBodySchema, response: { 200: gallerySchema } },
      config: { doc: galleryDocs.putGallery, scope: 'enrol' as const },
    };
    app.put('/galleries/:name', putOptions, async ({ params, body }) => {
      if (isBeside(params.name)) {
        const message = `expected another name: a gallery beside '${mainOf(params.name)}' is made by PUT /galleries/${mainOf(params.name)}/beside`;
        throw invalidRequest([{ path: 'params.name', message }]);
      }
      const { name, fingerprint, dimension } = embedder.model;
      return store.createGallery({ name: params.name, kind: body.kind, model: { name, fingerprint, dimension } });
    });

    const deleteOptions = {
      schema: {
        params: galleryPathSchema,
        querystring: deleteGalleryQuerySchema,
        response: { 200: erasedReplySchema },
      },
      config: { doc: galleryDocs.deleteGallery, scope: 'erase' as const },
    };
    app.delete('/galleries/:name', deleteOptions, async ({ params: { name }, query }) => {
      if (query.confirm !== 'all') {
        throw new ServiceError('CONFIRMATION_REQUIRED', 'query.confirm: expected all; this deletes the whole gallery');
      }
      const isThere = (await store.listGalleries()).some(gallery => gallery.name === name);
      const erased = await store.deleteGallery(name);
      if (!isThere) throw new ServiceError('GALLERY_NOT_FOUND', 'There is no gallery of this name');
      return toErasedReply(name, { subject: 'gallery' }, erased);
    });
  };
}
