import { type ErrorCode, errorTable, ServiceError } from '../detector/errors.ts';
import type { FaceFinder, FindOptions, FindRequest } from '../detector/face-finder.ts';
import { decodeDetectReply, maxDetectReplyBytes } from '../detector/http/detect-reply.ts';
import { toSearchQuery } from '../detector/http/search-query.ts';
import { decodeServerTiming } from '../detector/http/server-timing.ts';
import { cropSpecs } from '../triton/core/crop-spec.ts';
import { readBounded } from './read-bounded.ts';

export type HttpFaceFinderOptions = {
  /** Base URL of the detector service. */
  readonly url: string;
  /** Time for one photo; on top of the caller's signal. */
  readonly deadlineMs: number;
  /** Most faces that a reply may hold where a request says nothing else. */
  readonly maxFaces: number;
};

const retryAfterSeconds = 5;
/** Bytes of a reply that is no picture's: problem documents and /readyz. */
const maxSmallReply = 64 * 1024;
const readyMs = 2000;

/** What the detector may say about an image; anything else it answers is the detector's own trouble, or ours with it. */
const imageFaults: readonly ErrorCode[] = ['TOO_LARGE', 'TOO_MANY_PIXELS', 'UNSUPPORTED_IMAGE', 'UNREADABLE'];

/** A detector at an address. Its replies are treated as hostile: bounded while read, checked before used. */
export function createHttpFaceFinder({ url, deadlineMs, maxFaces }: HttpFaceFinderOptions): FaceFinder {
  const base = url.endsWith('/') ? url : `${url}/`;

  async function detect(image: Uint8Array, request: FindRequest, { signal, requestId }: FindOptions) {
    const { crop } = request;
    const target = new URL('detect', base);
    for (const [name, value] of Object.entries({ crop: crop ?? undefined, ...toSearchQuery(request) })) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const response = await fetch(target, {
      method: 'POST',
      headers: {
        accept: 'application/octet-stream',
        'content-type': 'application/octet-stream',
        ...(requestId !== undefined && { 'x-request-id': requestId }),
      },
      // fetch takes no view on shared memory; a photo's bytes never are on any.
      body: image as Uint8Array<ArrayBuffer>,
      redirect: 'error',
      signal,
    });
    if (response.status !== 200) throw refusal(response, await readBounded(response, maxSmallReply));
    const limits = { maxFaces: request.maxFaces ?? maxFaces, cropSize: crop === null ? null : cropSpecs[crop].size };
    const body = await readBounded(response, maxDetectReplyBytes(limits));
    const found = decodeDetectReply(response.headers, body, limits);
    return { ...found, seconds: decodeServerTiming(response.headers.get('server-timing')) };
  }

  return {
    async find(image, request, { signal, requestId }) {
      const deadline = AbortSignal.timeout(deadlineMs);
      try {
        return await detect(image, request, { signal: AbortSignal.any([signal, deadline]), requestId });
      } catch (error) {
        throw toServiceError(error, signal, deadline, deadlineMs);
      }
    },
    async ready() {
      try {
        const response = await fetch(new URL('readyz', base), {
          signal: AbortSignal.timeout(readyMs),
          redirect: 'error',
        });
        return readiness(response.status, parseRecord(await readBounded(response, maxSmallReply)));
      } catch {
        return { ok: false, reason: 'the detector does not answer' };
      }
    },
    close: async () => {},
  };
}

/** The detector's `/readyz`: 200 `{"detector": name}`; otherwise its problem document or whatever else it said. */
function readiness(status: number, { detector, reason, detail }: Record<string, unknown>) {
  if (status === 200 && typeof detector === 'string' && detector !== '') return { ok: true, detector } as const;
  const why = typeof reason === 'string' ? reason : typeof detail === 'string' ? detail : `it answers ${status}`;
  return { ok: false, reason: `the detector is not ready: ${why.slice(0, 300)}` } as const;
}

/** A problem document of the detector: passed on with its code when the image is at fault or the detector busy. */
function refusal(response: Response, body: Uint8Array): ServiceError {
  const problem = parseRecord(body);
  const detail = typeof problem.detail === 'string' ? problem.detail.slice(0, 500) : '';
  const code = imageFaults.find(known => known === problem.code && errorTable[known].status === response.status);
  if (code !== undefined) return new ServiceError(code, detail || errorTable[code].title);
  if (problem.code === 'OVERLOADED') {
    return new ServiceError('OVERLOADED', 'The detector has as much work as it accepts', {
      retryAfterSeconds: Number(response.headers.get('retry-after')) || 1,
    });
  }
  if (problem.code === 'DEADLINE') return new ServiceError('DEADLINE', 'The detector took longer than allowed');
  return down(`The detector answers ${response.status}`, new Error(detail));
}

function toServiceError(error: unknown, signal: AbortSignal, deadline: AbortSignal, deadlineMs: number): unknown {
  if (error instanceof ServiceError) return error;
  if (signal.aborted) return signal.reason;
  if (deadline.aborted) {
    return new ServiceError('DEADLINE', `The detector took longer than ${deadlineMs} ms`, { cause: error });
  }
  return down('The detector does not answer', error);
}

function down(message: string, cause: unknown): ServiceError {
  return new ServiceError('DEPENDENCY_DOWN', message, { cause, retryAfterSeconds });
}

function parseRecord(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
