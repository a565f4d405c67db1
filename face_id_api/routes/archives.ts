import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ServiceError } from '../../detector/errors.ts';
import type { ApiDeps } from '../app.ts';
import { exportGallery } from '../archive/export-gallery.ts';
import { importGallery, lineRefusalCodes } from '../archive/import-gallery.ts';
import { galleryDocs } from '../openapi/gallery-docs.ts';
import { limitInFlight } from '../plugins/limit-in-flight.ts';
import { consentRule } from '../store/gallery-rules.ts';
import { galleryPathSchema } from './galleries.ts';

export const ndjson = 'application/x-ndjson';

export const importReplySchema = z.object({
  identities: z.int(),
  templates: z.int(),
  refused: z
    .array(z.object({ line: z.int(), code: z.enum(lineRefusalCodes), reason: z.string() }))
    .describe('Lines that were left out; the first 1,000.'),
  refused_count: z.int(),
  complete: z.boolean().describe('Whether the archive had its last line, and as many identities as that says.'),
});

/** Each may hold a line of tens of megabytes. */
const archivesAtOnce = 4;

/** `/galleries/:name/export` and `/import`: a gallery as lines of JSON, streamed both ways. */
export function archivesRoutes({ store, retention }: ApiDeps): FastifyPluginAsyncZod {
  return async app => {
    limitInFlight(app, { most: archivesAtOnce, what: 'exports and imports' });
    const consents = consentRule(retention?.require_consent ?? false, () => new Date());
    // Here, and only here, a body is read by its route, as it comes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(ndjson, (_request, payload, done) => done(null, payload));

    const exportOptions = {
      schema: { params: galleryPathSchema },
      // Otherwise HEAD would read the whole gallery to throw it away.
      exposeHeadRoute: false,
      config: { doc: galleryDocs.exportGallery, scope: 'admin' as const },
    };
    app.get('/galleries/:name/export', exportOptions, async ({ params }, reply) => {
      const gallery = store.gallery(params.name);
      const lines = exportGallery(gallery, await gallery.describe(), new Date());
      return reply.type(ndjson).send(Readable.from(lines, { objectMode: false }));
    });

    const importOptions = {
      schema: { params: galleryPathSchema, response: { 200: importReplySchema } },
      config: { doc: galleryDocs.importGallery, streams: true, scope: 'enrol' as const },
    };
    app.post('/galleries/:name/import', importOptions, async ({ params, body, raw }) => {
      if (!(body instanceof Readable)) {
        throw new ServiceError('UNSUPPORTED_MEDIA_TYPE', `Expected content type ${ndjson}`);
      }
      // What is left of a refused body is not the importer's: destroying it would take the connection away from the reply.
      const chunks = body.iterator({ destroyOnReturn: false });
      const { refusedCount, refused, ...imported } = await importGallery(store.gallery(params.name), chunks, {
        consents,
      }).catch(cause => {
        // A code of the client's side keeps it out of the log's errors.
        if (!raw.complete && raw.destroyed) throw new ServiceError('INVALID_REQUEST', 'The client left', { cause });
        throw cause;
      });
      return { ...imported, refused: [...refused], refused_count: refusedCount };
    });
  };
}
