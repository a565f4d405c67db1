import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { IdentityId } from '../core/identity-id.ts';
import { GalleryError } from './gallery-error.ts';

export type Photo = { readonly path: string; readonly bytes: Buffer };

const refusedSchema = z.array(z.object({ index: z.int(), code: z.string(), reason: z.string() }));
const enrolledSchema = z.object({ enrolled: z.int(), refused: refusedSchema });
const noneEnrolledSchema = z.object({ code: z.literal('NO_FACE_ENROLLED'), refused: refusedSchema });
const templatesSchema = z.object({ templates: z.array(z.object({ source_sha256: z.string() })) });
const problemSchema = z.object({ code: z.string(), detail: z.string() });

export type EnrolClient = ReturnType<typeof createEnrolClient>;

/** Tries of a request that the service says it is too busy for. */
const tries = 6;
const busyStatuses: ReadonlySet<number> = new Set([429, 503]);

/** What bulk enrolment asks of a running API. Rejects with a GalleryError that holds the service's own words. */
export function createEnrolClient(apiUrl: string, gallery: string, apiKey: string | null) {
  async function ask(method: string, route: string, signal: AbortSignal, body?: object): Promise<Reply> {
    const url = new URL(route, apiUrl);
    url.searchParams.set('gallery', gallery);
    for (let attempt = 1; ; attempt++) {
      const reply = await fetch(url, {
        method,
        signal,
        headers: {
          ...(apiKey !== null && { 'x-api-key': apiKey }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      }).catch(cause => {
        signal.throwIfAborted();
        throw new GalleryError(`${url.origin} does not answer: is the service running there?`, { cause });
      });
      const answered = { status: reply.status, body: (await reply.json()) as unknown };
      if (!busyStatuses.has(reply.status) || attempt === tries) return answered;
      await wait(1000 * Number(reply.headers.get('retry-after') ?? 1), undefined, { signal });
    }
  }

  return {
    /** SHA-256 of the images that the person was enrolled from; none for somebody new. */
    async sourcesOf(id: IdentityId, signal: AbortSignal): Promise<Set<string>> {
      const reply = await ask('GET', `/identities/${id}/templates?type=${typeOf(id)}`, signal);
      if (reply.status === 404 && codeOf(reply) === 'UNKNOWN_ID') return new Set();
      if (reply.status !== 200) throw refusal(reply);
      return new Set(templatesSchema.parse(reply.body).templates.map(one => one.source_sha256));
    },
    /** Adds the photos to the person's templates; those that cannot be used are named by their index. */
    async enrol(
      { id, photos, name }: { id: IdentityId; photos: readonly Photo[]; name: string | undefined },
      signal: AbortSignal,
    ): Promise<z.infer<typeof enrolledSchema>> {
      const images = photos.map(({ bytes }) => ({ image: bytes.toString('base64') }));
      const reply = await ask('POST', '/generate?mode=append', signal, { id, images, name });
      if (reply.status === 200) return enrolledSchema.parse(reply.body);
      const none = noneEnrolledSchema.safeParse(reply.body);
      if (none.success) return { enrolled: 0, refused: none.data.refused };
      throw refusal(reply);
    },
  };
}

type Reply = { readonly status: number; readonly body: unknown };

function typeOf(id: IdentityId): string {
  return typeof id === 'number' ? 'integer' : 'string';
}

function codeOf({ body }: Reply): string | undefined {
  return problemSchema.safeParse(body).data?.code;
}

function refusal({ status, body }: Reply): GalleryError {
  const problem = problemSchema.safeParse(body).data;
  return new GalleryError(`The service answered ${status} ${problem?.code ?? ''}: ${problem?.detail ?? 'no reason'}`);
}
