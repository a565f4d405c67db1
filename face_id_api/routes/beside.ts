import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../app.ts';
import { besideDocs } from '../openapi/beside-docs.ts';
import { besideOf } from '../store/beside-name.ts';
import { galleryModelSchema, galleryPathSchema, gallerySchema } from './galleries.ts';
import { onGivenValues } from './path-id.ts';

export const besideReplySchema = z.object({
  gallery: gallerySchema,
  beside: gallerySchema,
  behind: z
    .object({
      missing: z.int().describe('Identities that it lacks.'),
      changed: z.int().describe('Identities that have changed since they were carried over.'),
      bare: z.int().describe('Identities of which it has no template, while the gallery has some.'),
      gone: z
        .int()
        .describe('Identities that it has, or has a template of, while the gallery has not; a switch erases them.'),
    })
    .describe('What the gallery beside has to catch up with; a switch that is not forced wants zeros.'),
});

export const putBesideBodySchema = z.strictObject({
  model: galleryModelSchema
    .extend({
      name: z.string().min(1).max(64),
      fingerprint: z.string().min(1).max(256),
      dimension: z.int().min(1).max(65_536),
    })
    .describe('The model whose vectors it is to hold, another one than the gallery has.'),
});

export const switchBodySchema = z.strictObject({
  fingerprint: z.string().min(1).max(256).describe("Of the model that the gallery is to hold: the gallery beside's."),
  force: z.boolean().default(false).describe('Also where the gallery beside is behind.'),
});

export const switchedReplySchema = z.object({ gallery: gallerySchema, beside: gallerySchema });

/** `/galleries/:name/beside` and `/switch`: the gallery that holds the same people by another model, and its taking over. */
export function besideRoutes({ store }: ApiDeps): FastifyPluginAsyncZod {
  async function describeBoth(name: string) {
    const [gallery, beside] = [store.gallery(name), store.gallery(besideOf(name))];
    return { gallery: await gallery.describe(), beside: await beside.describe() };
  }

  return async app => {
    const getOptions = {
      schema: { params: galleryPathSchema, response: { 200: besideReplySchema } },
      config: { doc: besideDocs.getBeside, scope: 'admin' as const },
    };
    app.get('/galleries/:name/beside', getOptions, async ({ params: { name } }) => {
      const { gone, ...lag } = await store.compareBeside(name);
      return { ...(await describeBoth(name)), behind: { ...lag, gone: gone.length } };
    });

    const putOptions = {
      schema: { params: galleryPathSchema, body: putBesideBodySchema, response: { 200: gallerySchema } },
      config: { doc: besideDocs.putBeside, scope: 'admin' as const },
    };
    app.put('/galleries/:name/beside', putOptions, async ({ params: { name }, body: { model } }) =>
      onGivenValues(async () => {
        const { kind } = await store.gallery(name).describe();
        return await store.createGallery({ name: besideOf(name), kind, model });
      }),
    );

    const switchOptions = {
      schema: { params: galleryPathSchema, body: switchBodySchema, response: { 200: switchedReplySchema } },
      config: { doc: besideDocs.switchGallery, scope: 'admin' as const },
    };
    app.post('/galleries/:name/switch', switchOptions, async ({ params: { name }, body: { fingerprint, force } }) => {
      await store.switchBeside(name, fingerprint, { evenIfBehind: force });
      return await describeBoth(name);
    });
  };
}
