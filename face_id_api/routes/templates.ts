import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../app.ts';
import { identityIdPattern } from '../core/identity-id.ts';
import { templateDocs } from '../openapi/template-docs.ts';
import { maxTemplates } from '../store/store.ts';
import { erasedReplySchema, toErasedReply } from './erased-reply.ts';
import { embeddingSchema, toEmbedding } from './face-place.ts';
import { expectOther, onGivenValues, pathId } from './path-id.ts';
import {
  fieldsPatchShape,
  identityIdSchema,
  identityPathQuerySchema,
  identityPathSchema,
  identitySchema,
  querySwitch,
} from './schemas.ts';
import { templateSchema, toTemplate } from './template-reply.ts';

const templateIdSchema = z.string().regex(identityIdPattern, "expected a template's id");
const templatePathSchema = identityPathSchema.extend({ template: templateIdSchema.describe("The template's id.") });

export const templatesReplySchema = z.object({ templates: z.array(templateSchema) });
export const templateReplySchema = templateSchema.extend({ embedding: embeddingSchema.optional() });
export const templateQuerySchema = identityPathQuerySchema.extend({
  embedding: querySwitch.default('false').describe('`true` adds the unit vector.'),
});

const templateIdsSchema = z.array(templateIdSchema).min(1).max(maxTemplates);
export const splitBodySchema = z.strictObject({
  templates: templateIdsSchema,
  id: identityIdSchema.describe('The new identity; nobody may have it.'),
  ...fieldsPatchShape,
});
export const moveBodySchema = z.strictObject({
  templates: templateIdsSchema,
  to: identityIdSchema.describe('Somebody who is enrolled.'),
});
export const movedReplySchema = z.object({ from: identitySchema, to: identitySchema });

const target = { params: identityPathSchema, querystring: identityPathQuerySchema };

/** `/identities/:id/templates`: what an identity is known by, one at a time, and giving some of it to another identity. */
export function templatesRoutes({ store }: ApiDeps): FastifyPluginAsyncZod {
  return async app => {
    const listOptions = {
      schema: { ...target, response: { 200: templatesReplySchema } },
      config: { doc: templateDocs.listTemplates, scope: 'read' as const },
    };
    app.get('/identities/:id/templates', listOptions, async ({ params, query }) => {
      const templates = await store.gallery(query.gallery).listTemplates(pathId(params.id, query.type));
      return { templates: templates.map(toTemplate) };
    });

    const getOptions = {
      schema: {
        params: templatePathSchema,
        querystring: templateQuerySchema,
        response: { 200: templateReplySchema },
      },
      config: { doc: templateDocs.getTemplate, scope: 'read' as const },
    };
    app.get('/identities/:id/templates/:template', getOptions, async ({ params, query }) => {
      const id = pathId(params.id, query.type);
      const template = await store.gallery(query.gallery).readTemplate(id, params.template);
      return {
        ...toTemplate(template),
        ...(query.embedding === 'true' && { embedding: toEmbedding(template.vector) }),
      };
    });

    const deleteOptions = {
      schema: {
        params: templatePathSchema,
        querystring: identityPathQuerySchema,
        response: { 200: erasedReplySchema },
      },
      config: { doc: templateDocs.deleteTemplate, scope: 'erase' as const },
    };
    app.delete('/identities/:id/templates/:template', deleteOptions, async ({ params, query: { type, gallery } }) => {
      const { template } = params;
      const id = pathId(params.id, type);
      const erased = await store.gallery(gallery).removeTemplate(id, template);
      return toErasedReply(gallery, { subject: 'template', id, template }, erased);
    });

    const splitOptions = {
      schema: { ...target, body: splitBodySchema, response: { 200: movedReplySchema } },
      config: { doc: templateDocs.splitIdentity, scope: 'enrol' as const },
    };
    app.post('/identities/:id/split', splitOptions, async ({ params, query, body }) =>
      onGivenValues(() => {
        const from = pathId(params.id, query.type);
        const { templates, id: to, ...fields } = body;
        expectOther('body.id', to, from);
        return store.gallery(query.gallery).move({ templates, from, to, toNew: true, fields });
      }),
    );

    const moveOptions = {
      schema: { ...target, body: moveBodySchema, response: { 200: movedReplySchema } },
      config: { doc: templateDocs.moveTemplates, scope: 'enrol' as const },
    };
    app.post('/identities/:id/templates/move', moveOptions, async ({ params, query, body }) =>
      onGivenValues(() => {
        const from = pathId(params.id, query.type);
        expectOther('body.to', body.to, from);
        return store.gallery(query.gallery).move({ ...body, from, toNew: false });
      }),
    );
  };
}
