import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../app.ts';
import { retentionDocs } from '../openapi/retention-docs.ts';
import { exportSubject } from '../subject/export-subject.ts';
import { galleryModelSchema } from './galleries.ts';
import { pathId } from './path-id.ts';
import { identityIdSchema, identityPathQuerySchema, identityPathSchema } from './schemas.ts';

export const subjectReplySchema = z.object({
  format: z.literal('face-id subject'),
  version: z.literal(1),
  gallery: z.string(),
  id: identityIdSchema,
  exported_at: z.string(),
  model: galleryModelSchema.describe('What made the vectors of the templates.'),
  kept: z
    .record(z.string(), z.array(z.record(z.string(), z.unknown())))
    .describe(
      'What is kept, by the part that keeps it. `identity`: as in an archive, with the vectors; none of somebody who was erased. ' +
        '`rejections`: faces that are not this one; `distinct`: the ids of those that this one is not. ' +
        '`audit`: the lines of the audit log about this one and about everybody.',
    ),
});

/** `GET /identities/:id/export`: everything that is kept about somebody. */
export function subjectRoute({ store, audit = null }: ApiDeps): FastifyPluginAsyncZod {
  return async app => {
    const options = {
      schema: {
        params: identityPathSchema,
        querystring: identityPathQuerySchema,
        response: { 200: subjectReplySchema },
      },
      config: { doc: retentionDocs.exportIdentity, scope: 'admin' as const },
    };
    app.get('/identities/:id/export', options, async ({ params, query: { type, gallery } }) => {
      const found = await exportSubject({ store, audit }, gallery, pathId(params.id, type), new Date());
      const kept = Object.entries(found.kept).map(([part, items]) => [part, items.map(item => ({ ...item }))] as const);
      return { ...found, kept: Object.fromEntries(kept) };
    });
  };
}
