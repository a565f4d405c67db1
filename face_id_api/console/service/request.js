// @ts-check
import { ApiError } from './api-error.js';
import { session } from './session.js';

/** @typedef {import('../replies.d.ts').Scope} Scope */

/**
 * @typedef {object} Call
 * @property {Scope} scope what a key needs for it
 * @property {Blob | object} [body]
 * @property {Record<string, string | number | boolean | undefined>} [query]
 * @property {AbortSignal | undefined} [signal]
 */

/** @type {((error: ApiError) => Promise<boolean>) | null} */
let askForKey = null;

/**
 * Who asks for a key where the service wants one; resolves to whether there is another one now.
 * @param {(error: ApiError) => Promise<boolean>} ask
 */
export function onUnauthenticated(ask) {
  askForKey = ask;
}

/**
 * Asks the API. Rejects with `ApiError`, or with the signal's reason.
 * @param {string} method
 * @param {string} path without a slash at its beginning, so that the console works below any prefix
 * @param {Call} call
 * @returns {Promise<any>}
 */
export async function request(method, path, call) {
  for (;;) {
    const usedKey = session.key;
    try {
      return await requestOnce(method, path, call);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'FORBIDDEN') session.lacks(call.scope);
      // Somebody may have typed another key meanwhile.
      const hasAnother = error.status === 401 && (usedKey !== session.key || (await askForKey?.(error)) === true);
      if (!hasAnother) throw error;
    }
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Call} call
 */
async function requestOnce(method, path, { body, query = {}, signal }) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const isBlob = body instanceof Blob;
  /** @type {Record<string, string>} */
  const headers = {};
  if (body !== undefined) headers['content-type'] = isBlob ? 'application/octet-stream' : 'application/json';
  if (session.key !== null) headers['x-api-key'] = session.key;
  const reply = await fetch(url, {
    method,
    headers,
    body: body === undefined ? null : isBlob ? body : JSON.stringify(body),
    signal: signal ?? null,
    cache: 'no-store',
  }).catch(cause => {
    if (signal?.aborted) throw cause;
    throw new ApiError({ code: 'OFFLINE', status: 0, detail: 'The service does not answer' });
  });
  if (reply.ok) return reply.json();
  throw await toError(reply);
}

/** @param {Response} reply */
async function toError(reply) {
  const problem = await reply.json().catch(() => ({}));
  const code = typeof problem.code === 'string' ? problem.code : `HTTP_${reply.status}`;
  const detail = typeof problem.detail === 'string' ? problem.detail : reply.statusText;
  const after = Number(reply.headers.get('retry-after') ?? Number.NaN);
  return new ApiError({ ...problem, code, detail, status: reply.status }, Number.isFinite(after) ? after : null);
}
