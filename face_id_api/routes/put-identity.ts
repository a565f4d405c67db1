import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../app.ts';
import { identityDocs } from '../openapi/identity-docs.ts';
import { templateDocs } from '../openapi/template-docs.ts';
import { limitInFlight } from '../plugins/limit-in-flight.ts';
import { consentRule } from '../store/gallery-rules.ts';
import { embeddingsMismatch, givenEmbeddingsShape, toNewTemplates } from './given-embeddings.ts';
import { onGivenValues, pathId, unknownId } from './path-id.ts';
import {
  consentSchema,
  fieldsPatchShape,
  identityPathQuerySchema,
  identityPathSchema,
  identitySchema,
  metadataSchema,
  nameSchema,
} from './schemas.ts';

export const putIdentityBodySchema = z.strictObject({
  ...givenEmbeddingsShape,
  name: nameSchema.nullable().default(null),
  metadata: metadataSchema.default({}),
  consent: consentSchema.nullable().optional(),
});

export const addTemplatesBodySchema = z.strictObject({ ...givenEmbeddingsShape, ...fieldsPatchShape });

export const addedTemplatesSchema = z.object({
  identity: identitySchema,
  added: z.array(z.string()).describe("The new templates' ids, in the order of the embeddings."),
});

/** A body of numbers takes several times its bytes once it is parsed. */
const putsAtOnce = 8;

/**
 * `PUT /identities/:id`: the identity as it is to be, without any image; `POST /identities/:id/templates`: more of them, beside what
 * it has. `bodyLimit` is in bytes.
 */
export function putIdentityRoute(
  { store, embedder, retention }: ApiDeps,
  { bodyLimit }: { bodyLimit: number },
): FastifyPluginAsyncZod {
  return async app => {
    limitInFlight(app, { most: putsAtOnce, what: 'identities made from embeddings' });
    const target = { params: identityPathSchema, querystring: identityPathQuerySchema };
    const putOptions = {
      schema: { ...target, body: putIdentityBodySchema, response: { 200: identitySchema } },
      bodyLimit,
      config: { doc: identityDocs.putIdentity, scope: 'enrol' as const },
    };
    app.put('/identities/:id', putOptions, async ({ params, query, body }) => {
      const id = pathId(params.id, query.type);
      const gallery = store.gallery(query.gallery);
      const now = new Date().toISOString();
      const { embeddings, fingerprint, detector, consent = null, ...rest } = body;
      const fields = { ...rest, consent };
      // The store takes records as they are.
      consentRule(retention?.require_consent ?? false, () => new Date(now)).enrol(fields);
      const templates = toNewTemplates({ embeddings, fingerprint, detector }, embedder.model).map(template => ({
        ...template,
        id: randomUUID(),
        fingerprint,
        created: now,
      }));
      const { created, seen } = (await gallery.get(id)) ?? { created: now, seen: null };
      const identity = { id, ...fields, created, updated: now, seen };
      await onGivenValues(() => gallery.import([{ ...identity, templates }]));
      return { ...identity, templates: templates.length };
    });

    const addOptions = {
      schema: { ...target, body: addTemplatesBodySchema, response: { 200: addedTemplatesSchema } },
      bodyLimit,
      config: { doc: templateDocs.addTemplates, scope: 'enrol' as const },
    };
    app.post('/identities/:id/templates', addOptions, async ({ params, query, body }) => {
      const id = pathId(params.id, query.type);
      const gallery = store.gallery(query.gallery);
      const { embeddings, fingerprint, detector, ...fields } = body;
      if (fingerprint !== embedder.model.fingerprint) {
        throw await embeddingsMismatch(gallery, embedder.model, fingerprint);
      }
      const templates = toNewTemplates({ embeddings, fingerprint, detector }, embedder.model);
      return onGivenValues(async () => {
        const { added } = await gallery.put({ id, templates, mode: 'append', fields });
        const identity = await gallery.get(id);
        if (identity === null) throw unknownId();
        return { identity, added: [...added] };
      });
    });
  };
}
