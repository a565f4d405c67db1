import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ServiceError } from '../../detector/errors.ts';
import type { ApiDeps } from '../app.ts';
import { encodeCursor } from '../core/identity-id.ts';
import { identityDocs } from '../openapi/identity-docs.ts';
import { erasedReplySchema, toErasedReply } from './erased-reply.ts';
import { identitiesQuerySchema, toPage } from './identities-query.ts';
import { expectOther, onGivenValues, pathId, unknownId } from './path-id.ts';
import {
  confirmSchema,
  fieldsPatchShape,
  galleryQueryShape,
  identityIdSchema,
  identityPathQuerySchema,
  identityPathSchema,
  identitySchema,
} from './schemas.ts';
import { templateSchema, toTemplate } from './template-reply.ts';

export const identitiesReplySchema = z.object({
  identities: z.array(identitySchema),
  next: z.string().nullable().describe('For `after` of the next page; null on the last one.'),
});

export const identityReplySchema = identitySchema.extend({
  template_list: z.array(templateSchema).describe('In the order in which they were added.'),
});

export const identityPatchSchema = z.strictObject(fieldsPatchShape);

export const mergeBodySchema = z.strictObject({ from: identityIdSchema });

export const deleteAllQuerySchema = z.strictObject({ confirm: confirmSchema, ...galleryQueryShape });

const target = { params: identityPathSchema, querystring: identityPathQuerySchema };

/** `/identities`: who is enrolled, correcting what is known of them, and forgetting them. */
export function identitiesRoutes({ store }: ApiDeps): FastifyPluginAsyncZod {
  return async app => {
    const listSchema = { querystring: identitiesQuerySchema, response: { 200: identitiesReplySchema } };
    app.get(
      '/identities',
      { schema: listSchema, config: { doc: identityDocs.listIdentities, scope: 'read' as const } },
      async ({ query }) => {
        const { identities, hasMore } = await store.gallery(query.gallery).list(toPage(query));
        const last = identities.at(-1);
        return { identities: [...identities], next: hasMore && last ? encodeCursor(last.id) : null };
      },
    );

    const getSchema = { ...target, response: { 200: identityReplySchema } };
    app.get(
      '/identities/:id',
      { schema: getSchema, config: { doc: identityDocs.getIdentity, scope: 'read' as const } },
      async request => {
        const id = pathId(request.params.id, request.query.type);
        const gallery = store.gallery(request.query.gallery);
        const found = await gallery.get(id);
        if (found === null) throw unknownId();
        return { ...found, template_list: (await gallery.listTemplates(id)).map(toTemplate) };
      },
    );

    const patchOptions = {
      schema: { ...target, body: identityPatchSchema, response: { 200: identitySchema } },
      config: { doc: identityDocs.patchIdentity, scope: 'enrol' as const },
    };
    app.patch('/identities/:id', patchOptions, async ({ params, query, body }) =>
      onGivenValues(() => store.gallery(query.gallery).update(pathId(params.id, query.type), body)),
    );

    const mergeOptions = {
      schema: { ...target, body: mergeBodySchema, response: { 200: identitySchema } },
      config: { doc: identityDocs.mergeIdentity, scope: 'enrol' as const },
    };
    app.post('/identities/:id/merge', mergeOptions, async ({ params, query, body: { from } }) => {
      const into = pathId(params.id, query.type);
      expectOther('body.from', from, into);
      return onGivenValues(() => store.gallery(query.gallery).merge(from, into));
    });

    const deleteOptions = {
      schema: { ...target, response: { 200: erasedReplySchema } },
      config: { doc: identityDocs.deleteIdentity, scope: 'erase' as const },
    };
    app.delete('/identities/:id', deleteOptions, async ({ params, query: { type, gallery } }) => {
      const id = pathId(params.id, type);
      const erased = await store.gallery(gallery).remove(id);
      if (erased.identities === 0) throw unknownId();
      return toErasedReply(gallery, { subject: 'identity', id }, erased);
    });

    const deleteAllOptions = {
      schema: { querystring: deleteAllQuerySchema, response: { 200: erasedReplySchema } },
      config: { doc: identityDocs.deleteIdentities, scope: 'erase' as const },
    };
    app.delete('/identities', deleteAllOptions, async ({ query: { confirm, gallery } }) => {
      if (confirm !== 'all') {
        throw new ServiceError('CONFIRMATION_REQUIRED', 'query.confirm: expected all; this deletes every identity');
      }
      return toErasedReply(gallery, { subject: 'identities' }, await store.gallery(gallery).removeAll());
    });
  };
}
