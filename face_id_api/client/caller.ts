import type { Client } from 'openapi-fetch';
import { errorOfReply, FaceIdError } from './face-id-error.ts';
import type { paths } from './gen/rest-api.ts';

type Answer = { readonly data?: unknown; readonly error?: unknown; readonly response: Response };

export type Caller = ReturnType<typeof createCaller>;

/** What all calls share: their success as a value, everything else as an error, and the gallery that is meant. */
export function createCaller(rest: Client<paths>, gallery: string | undefined) {
  return {
    rest,
    gallery,
    async ask<Given extends Answer>(asked: Promise<Given>): Promise<NonNullable<Given['data']>> {
      const { data, error, response } = await asked.catch(notJson);
      if (response.ok && data !== undefined && data !== null) return data;
      throw errorOfReply(response, error);
    },
    /** The query with the client's gallery, where it names none itself. */
    inGallery<Query extends { gallery?: string }>(query: Query): Query {
      return gallery === undefined ? query : { gallery, ...query };
    },
  };
}

function notJson(cause: unknown): never {
  if (!(cause instanceof SyntaxError)) throw cause;
  const message = 'The service answered something else than JSON: is it face-id that listens there?';
  throw new FaceIdError('UNEXPECTED_REPLY', message, { cause });
}
