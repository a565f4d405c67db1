import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ServiceError } from '../../detector/errors.ts';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import { queryNumber } from '../../detector/http/query-number.ts';
import type { ApiDeps } from '../app.ts';
import { decodeCursor, encodeCursor, type IdentityId, parsePathId } from '../core/identity-id.ts';
import { galleryDocs } from '../openapi/gallery-docs.ts';
import { defaultGallery } from '../store/store.ts';
import { identityIdSchema, identityPathQuerySchema, identityPathSchema } from './schemas.ts';

export const identitySchema = z.object({
  id: identityIdSchema,
  templates: z.int(),
  created: z.string().describe('ISO 8601, UTC.'),
  updated: z.string(),
});

export const identitiesQuerySchema = z.strictObject({
  limit: queryNumber(z.int().min(1).max(1000)).default(100),
  after: z.string().optional().describe('`next` of the page before.'),
});

export const identitiesReplySchema = z.object({
  identities: z.array(identitySchema),
  next: z.string().nullable().describe('For `after` of the next page; null on the last one.'),
});

export const deleteAllQuerySchema = z.strictObject({
  confirm: z
    .string()
    .optional()
    .meta({ description: '`all`, or nothing is done.', examples: ['all'] }),
});

export const deletedReplySchema = z.object({ deleted: z.object({ identities: z.int(), templates: z.int() }) });

/** `/identities`: who is enrolled, and forgetting them. */
export function identitiesRoutes({ store }: ApiDeps): FastifyPluginAsyncZod {
  return async app => {
    const gallery = store.gallery(defaultGallery);
    const listSchema = { querystring: identitiesQuerySchema, response: { 200: identitiesReplySchema } };
    app.get('/identities', { schema: listSchema, config: { doc: galleryDocs.listIdentities } }, async ({ query }) => {
      const after = query.after === undefined ? null : cursorOf(query.after);
      const { identities, hasMore } = await gallery.list({ limit: query.limit, after });
      const last = identities.at(-1);
      return { identities: [...identities], next: hasMore && last ? encodeCursor(last.id) : null };
    });

    const target = { params: identityPathSchema, querystring: identityPathQuerySchema };
    const getSchema = { ...target, response: { 200: identitySchema } };
    app.get('/identities/:id', { schema: getSchema, config: { doc: galleryDocs.getIdentity } }, async request => {
      const found = await gallery.get(pathId(request.params.id, request.query.type));
      if (found === null) throw unknownId();
      return found;
    });

    const deleteOptions = {
      schema: { ...target, response: { 200: deletedReplySchema } },
      config: { doc: galleryDocs.deleteIdentity },
    };
    app.delete('/identities/:id', deleteOptions, async request => {
      const deleted = await gallery.remove(pathId(request.params.id, request.query.type));
      if (deleted.identities === 0) throw unknownId();
      return { deleted };
    });

    const deleteAllOptions = {
      schema: { querystring: deleteAllQuerySchema, response: { 200: deletedReplySchema } },
      config: { doc: galleryDocs.deleteIdentities },
    };
    app.delete('/identities', deleteAllOptions, async ({ query }) => {
      if (query.confirm !== 'all') {
        throw new ServiceError('CONFIRMATION_REQUIRED', 'query.confirm: expected all; this deletes every identity');
      }
      return { deleted: await gallery.removeAll() };
    });
  };
}

function pathId(segment: string, type: 'integer' | 'string' | undefined): IdentityId {
  const id = parsePathId(segment, type);
  if (id !== null) return id;
  throw invalidRequest([
    {
      path: 'params.id',
      message:
        type === 'integer'
          ? 'expected an integer from 0 to 2^53 - 1'
          : 'expected an integer or 1 to 128 characters of [A-Za-z0-9._:-]',
    },
  ]);
}

function cursorOf(text: string): IdentityId {
  const id = decodeCursor(text);
  if (id === null) throw invalidRequest([{ path: 'query.after', message: 'expected `next` of an earlier page' }]);
  return id;
}

function unknownId(): ServiceError {
  return new ServiceError(
    'UNKNOWN_ID',
    'Nobody is enrolled under this id. Digits mean the integer; ?type=string asks for the string',
  );
}
