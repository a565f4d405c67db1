import { createHash, randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import type { ApiDeps } from '../app.ts';
import { norm } from '../core/similarity.ts';
import { identityDocs } from '../openapi/identity-docs.ts';
import { limitInFlight } from '../plugins/limit-in-flight.ts';
import type { Template } from '../store/store.ts';
import { onGivenValues, pathId } from './path-id.ts';
import { identityPathQuerySchema, identityPathSchema, identitySchema, metadataSchema, nameSchema } from './schemas.ts';

export const putIdentityBodySchema = z.strictObject({
  embeddings: z
    .array(z.array(z.number()).min(1).max(4096))
    .min(1)
    .max(1000)
    .describe('One template each, as `/embeddings` gives them; of any length but 0.'),
  fingerprint: z.string().min(1).max(256).describe('`model.fingerprint` of the reply that they came with.'),
  detector: z.string().max(64).default('').describe('`detector` of that reply.'),
  name: nameSchema.nullable().default(null),
  metadata: metadataSchema.default({}),
});

/** A body of numbers takes several times its bytes once it is parsed. */
const putsAtOnce = 8;

/** `PUT /identities/:id`: the identity as it is to be, without any image. `bodyLimit` is in bytes. */
export function putIdentityRoute({ store }: ApiDeps, { bodyLimit }: { bodyLimit: number }): FastifyPluginAsyncZod {
  return async app => {
    limitInFlight(app, { most: putsAtOnce, what: 'identities made from embeddings' });
    const schema = {
      params: identityPathSchema,
      querystring: identityPathQuerySchema,
      body: putIdentityBodySchema,
      response: { 200: identitySchema },
    };
    app.put(
      '/identities/:id',
      { schema, bodyLimit, config: { doc: identityDocs.putIdentity, scope: 'enrol' as const } },
      async ({ params, query, body }) => {
        const id = pathId(params.id, query.type);
        const gallery = store.gallery(query.gallery);
        const now = new Date().toISOString();
        const templates = body.embeddings.map((embedding, i): Template => {
          const vector = toUnitVector(embedding, i);
          const sourceSha256 = createHash('sha256').update(new Uint8Array(vector.buffer)).digest('hex');
          const { detector, fingerprint } = body;
          return { id: randomUUID(), vector, sourceSha256, detector, fingerprint, created: now };
        });
        const created = (await gallery.get(id))?.created ?? now;
        const { name, metadata } = body;
        await onGivenValues(() => gallery.import([{ id, name, metadata, created, updated: now, templates }]));
        return { id, name, metadata, templates: templates.length, created, updated: now };
      },
    );
  };
}

function toUnitVector(values: readonly number[], index: number): Float32Array {
  const length = norm(Float64Array.from(values));
  if (length > 0 && length < Number.POSITIVE_INFINITY) return Float32Array.from(values, value => value / length);
  throw invalidRequest([{ path: `body.embeddings.${index}`, message: 'expected a vector with a direction' }]);
}
