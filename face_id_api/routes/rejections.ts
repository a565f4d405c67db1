import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readImage } from '../../detector/http/image-body.ts';
import { invalidRequest, zodIssues } from '../../detector/http/problem-json.ts';
import type { ApiDeps } from '../app.ts';
import { identityIdPattern } from '../core/identity-id.ts';
import { rejectionDocs } from '../openapi/rejection-docs.ts';
import { withDeadline } from '../plugins/with-deadline.ts';
import { largestFace } from '../reject-face.ts';
import type { Gallery, NewTemplate } from '../store/store.ts';
import { erasedReplySchema, toErasedReply } from './erased-reply.ts';
import { embeddingsMismatch, givenEmbeddingsShape, toNewTemplates } from './given-embeddings.ts';
import { onGivenValues, pathId } from './path-id.ts';
import { identityPathQuerySchema, identityPathSchema } from './schemas.ts';
import { templateSchema, toTemplate } from './template-reply.ts';

export const rejectionsReplySchema = z.object({
  rejections: z
    .array(templateSchema)
    .describe('Faces that are not the identity, in the order in which they were added.'),
});

export const rejectedReplySchema = z.object({ added: z.array(templateSchema) });

export const rejectionPathSchema = identityPathSchema.extend({
  rejection: z.string().regex(identityIdPattern, "expected a rejected face's id").describe("The rejected face's id."),
});

const embeddingsBodySchema = z.strictObject(givenEmbeddingsShape);

const target = { params: identityPathSchema, querystring: identityPathQuerySchema };

/** `POST /identities/:id/rejections`: this face is not this identity. In the scope of photos, because it takes one. */
export function rejectRoute(deps: ApiDeps, deadlineMs: number): FastifyPluginAsyncZod {
  const { store, embedder } = deps;

  /** Given as vectors, with the model that made them. */
  async function fromEmbeddings(body: object, gallery: Gallery): Promise<NewTemplate[]> {
    const parsed = embeddingsBodySchema.safeParse(body, { reportInput: true });
    if (!parsed.success) throw invalidRequest(zodIssues(parsed.error, 'body'));
    const { fingerprint } = parsed.data;
    if (fingerprint !== embedder.model.fingerprint) {
      throw await embeddingsMismatch(gallery, embedder.model, fingerprint);
    }
    return toNewTemplates(parsed.data, embedder.model);
  }

  return async app => {
    const options = {
      schema: { ...target, response: { 200: rejectedReplySchema } },
      config: { doc: rejectionDocs.reject, scope: 'enrol' as const },
    };
    app.post('/identities/:id/rejections', options, async (request, reply) => {
      const { params, query } = request;
      const id = pathId(params.id, query.type);
      const given = embeddingsIn(request.body);
      return withDeadline(reply, deadlineMs, async signal => {
        const gallery = store.gallery(query.gallery);
        const faces = given
          ? await fromEmbeddings(given, gallery)
          : [await largestFace(deps, await readImage(request), signal)];
        signal.throwIfAborted();
        const added = await onGivenValues(() => gallery.reject(id, faces));
        return { added: added.map(toTemplate) };
      });
    });
  };
}

/** The rest of `/identities/:id/rejections`. */
export function rejectionsRoutes({ store }: ApiDeps): FastifyPluginAsyncZod {
  return async app => {
    const listOptions = {
      schema: { ...target, response: { 200: rejectionsReplySchema } },
      config: { doc: rejectionDocs.listRejections, scope: 'read' as const },
    };
    app.get('/identities/:id/rejections', listOptions, async ({ params, query }) => {
      const rejections = await store.gallery(query.gallery).listRejections(pathId(params.id, query.type));
      return { rejections: rejections.map(toTemplate) };
    });

    const deleteOptions = {
      schema: {
        params: rejectionPathSchema,
        querystring: identityPathQuerySchema,
        response: { 200: erasedReplySchema },
      },
      config: { doc: rejectionDocs.deleteRejection, scope: 'erase' as const },
    };
    app.delete('/identities/:id/rejections/:rejection', deleteOptions, async ({ params, query: { type, gallery } }) => {
      const { rejection } = params;
      const id = pathId(params.id, type);
      const erased = await store.gallery(gallery).removeRejection(id, rejection);
      return toErasedReply(gallery, { subject: 'rejection', id, template: rejection }, erased);
    });
  };
}

/** A JSON body with vectors; null for every other one, which is a photo. */
function embeddingsIn(body: unknown): object | null {
  return typeof body === 'object' && body !== null && 'embeddings' in body ? body : null;
}
