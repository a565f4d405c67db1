import { z } from 'zod';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import { queryNumber } from '../../detector/http/query-number.ts';
import { metadataKeyPattern } from '../core/identity-fields.ts';
import { decodeCursor, type IdentityId } from '../core/identity-id.ts';
import type { Page } from '../store/store.ts';
import { galleryQueryShape, nameSchema } from './schemas.ts';

/** Before the key of a metadata entry that is searched for. */
const metadataPrefix = 'metadata.';

/** `GET /identities`: a page, and who is in it. Loose, because the keys of metadata are the client's own. */
export const identitiesQuerySchema = z
  .looseObject({
    ...galleryQueryShape,
    limit: queryNumber(z.int().min(1).max(1000)).default(100),
    after: z.string().optional().describe('`next` of the page before.'),
    name: nameSchema.optional().describe('The whole name; both cases are one.'),
    name_prefix: nameSchema.optional().describe('What the name begins with; both cases are one.'),
  })
  .transform(({ gallery, limit, after, name, name_prefix, ...others }, context) => {
    if (name !== undefined && name_prefix !== undefined) {
      context.addIssue({ code: 'custom', path: ['name_prefix'], message: 'expected name or name_prefix, got both' });
    }
    const metadata: Record<string, string> = {};
    for (const [parameter, value] of Object.entries(others)) {
      const key = parameter.startsWith(metadataPrefix) ? parameter.slice(metadataPrefix.length) : '';
      if (metadataKeyPattern.test(key) && typeof value === 'string') metadata[key] = value;
      else context.addIssue({ code: 'custom', path: [parameter], message: 'expected metadata.KEY once, or nothing' });
    }
    return { gallery, limit, after, name, name_prefix, metadata };
  });

type IdentitiesQuery = z.output<typeof identitiesQuerySchema>;

/** @throws ServiceError INVALID_REQUEST for a cursor that is none */
export function toPage({ limit, after, name, name_prefix, metadata }: IdentitiesQuery): Page {
  return {
    limit,
    after: after === undefined ? null : cursorOf(after),
    ...(name !== undefined && { name: { text: name, match: 'exact' } }),
    ...(name_prefix !== undefined && { name: { text: name_prefix, match: 'prefix' } }),
    metadata,
  };
}

function cursorOf(text: string): IdentityId {
  const id = decodeCursor(text);
  if (id === null) throw invalidRequest([{ path: 'query.after', message: 'expected `next` of an earlier page' }]);
  return id;
}
