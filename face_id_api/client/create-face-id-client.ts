import createClient from 'openapi-fetch';
import type {
  BodyOf,
  EmbeddingsReply,
  EnrolReply,
  InferReply,
  Model,
  QueryOf,
  Readiness,
  VerifyReply,
} from './api-types.ts';
import { createCaller } from './caller.ts';
import { FaceIdError } from './face-id-error.ts';
import { galleryCalls } from './gallery-calls.ts';
import type { paths } from './gen/rest-api.ts';
import { identityCalls } from './identity-calls.ts';
import { type Image, toBase64 } from './image.ts';
import { rejectionCalls } from './rejection-calls.ts';
import { createRetryingFetch } from './retrying-fetch.ts';
import { duplicateCalls, unknownCalls } from './review-calls.ts';
import { templateCalls } from './template-calls.ts';

export type FaceIdClientOptions = {
  /** Where the service is: `http://127.0.0.1:8004`, a path before its routes included. */
  readonly url: string;
  /** Sent as `x-api-key`; without one where the service wants none. */
  readonly apiKey?: string;
  /** For every call that names no other. The service's own default is `default`. */
  readonly gallery?: string;
  /** Milliseconds for one attempt. A little more than the service gives itself, so that its own answer comes first. */
  readonly timeoutMs?: number;
  /** Attempts after the first, of what was answered 429 or 503 and may be repeated. 0: none. */
  readonly retries?: number;
  /** Aborts every call of this client. */
  readonly signal?: AbortSignal;
  /** In place of the global fetch. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** For the spread of repetitions: from 0 to below 1. */
  readonly random?: () => number;
};

/** What every call takes besides its own. */
export type CallOptions = { readonly signal?: AbortSignal };

export type FaceIdClient = ReturnType<typeof createFaceIdClient>;

/**
 * The REST API, typed from its OpenAPI document; every reply is the API's own JSON. It runs wherever there is fetch: Node 22, browsers,
 * functions. Calls reject with `FaceIdError`, or with a signal's reason.
 * @throws FaceIdError INVALID_REQUEST where `url` is no http or https address
 */
export function createFaceIdClient(options: FaceIdClientOptions) {
  const { apiKey, timeoutMs = 65_000, retries = 3, signal = null, random = Math.random } = options;
  const baseUrl = checkUrl(options.url);
  const rest = createClient<paths>({
    baseUrl,
    fetch: createRetryingFetch({
      fetch: options.fetch ?? (request => fetch(request)),
      timeoutMs,
      retries,
      signal,
      random,
    }),
    headers: { accept: 'application/json', ...(apiKey !== undefined && { 'x-api-key': apiKey }) },
    // A key is for this address and for no other.
    redirect: 'error',
  });
  const caller = createCaller(rest, options.gallery);
  const { ask, inGallery } = caller;

  /** Sends the photo's bytes as they are: the document has text where it means bytes, so that the serializer alone has them. */
  const photo = (image: Image, { signal }: CallOptions) => ({
    body: '',
    bodySerializer: () => image,
    headers: { 'content-type': 'application/octet-stream' },
    ...(signal && { signal }),
  });

  return {
    /** The service's address. */
    url: baseUrl,

    /** Who is in a photo. */
    async infer(
      image: Image,
      query: Omit<QueryOf<'infer'>, 'format'> = {},
      options: CallOptions = {},
    ): Promise<InferReply> {
      const reply = await ask(rest.POST('/infer', { params: { query: inGallery(query) }, ...photo(image, options) }));
      if ('faces' in reply) return reply;
      throw new FaceIdError('UNEXPECTED_REPLY', 'The service answered without faces');
    },

    /** The faces of a photo as unit vectors; nobody is looked up. */
    async embeddings(
      image: Image,
      query: QueryOf<'embeddings'> = {},
      options: CallOptions = {},
    ): Promise<EmbeddingsReply> {
      return await ask(rest.POST('/embeddings', { params: { query }, ...photo(image, options) }));
    },

    /** Whether the largest faces of two photos are the same person's. */
    async verify(
      source: Image,
      target: Image,
      query: QueryOf<'verify'> = {},
      { signal }: CallOptions = {},
    ): Promise<VerifyReply> {
      const [source_image, target_image] = await Promise.all([toBase64(source), toBase64(target)]);
      const body = { source_image, target_image };
      return await ask(rest.POST('/verify', { params: { query }, body, ...(signal && { signal }) }));
    },

    /** Enrols a person from the largest face of each photo. `mode: 'append'` keeps what the id has; without it that is replaced. */
    async enrol(
      person: Omit<BodyOf<'generate'>, 'images'> & { readonly images: readonly Image[] },
      query: Omit<QueryOf<'generate'>, 'legacy'> = {},
      { signal }: CallOptions = {},
    ): Promise<EnrolReply> {
      const images = await Promise.all(person.images.map(async image => ({ image: await toBase64(image) })));
      const given = { params: { query: inGallery(query) }, body: { ...person, images }, ...(signal && { signal }) };
      const reply = await ask(rest.POST('/generate', given));
      if ('enrolled' in reply) return reply;
      throw new FaceIdError('UNEXPECTED_REPLY', 'The service answered without saying what was enrolled');
    },

    identities: identityCalls(caller),
    templates: templateCalls(caller),
    rejections: rejectionCalls(caller),
    duplicates: duplicateCalls(caller),
    unknowns: unknownCalls(caller),
    galleries: galleryCalls(caller),

    /** What is installed, and how well it was measured. */
    async models({ signal }: CallOptions = {}): Promise<Model[]> {
      return (await ask(rest.GET('/models', { ...(signal && { signal }) }))).models;
    },

    /** Whether photos can be answered, and what is missing; that something is missing is an answer, too. */
    async ready({ signal }: CallOptions = {}): Promise<Readiness> {
      const answer = await rest.GET('/readyz', { ...(signal && { signal }) });
      const { error, response } = answer;
      if (response.status === 503 && error !== undefined && 'checks' in error) return error;
      return await ask(Promise.resolve(answer));
    },

    /** Every route as openapi-fetch has it, with the same deadlines, repetitions and key; errors are values there. */
    rest,
  };
}

function checkUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url !== null && isHttp && url.username === '' && url.password === '') {
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }
  throw new FaceIdError(
    'INVALID_REQUEST',
    'url: expected an address such as http://127.0.0.1:8004, without a password',
  );
}
