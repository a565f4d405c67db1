import type { components } from './gen/rest-api.ts';

/** What every error of the service is answered with (RFC 9457). */
export type Problem = components['schemas']['Problem'];

/** Codes of the client itself: no answer, none in time, or one that is not the service's. */
export type ClientErrorCode = 'UNREACHABLE' | 'TIMEOUT' | 'UNEXPECTED_REPLY';

/** A code of docs/errors.md, or the client's own. A newer service may have further ones. */
export type FaceIdErrorCode = Problem['code'] | ClientErrorCode | (string & {});

export type FaceIdErrorOptions = ErrorOptions & {
  readonly status?: number;
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
  readonly problem?: Problem;
};

/** The one error of this client. Programs branch on `code`; the message is for people, in the service's own words. */
export class FaceIdError extends Error {
  override readonly name = 'FaceIdError';
  readonly code: FaceIdErrorCode;
  /** HTTP status; null where nothing was answered. */
  readonly status: number | null;
  /** Finds the request in the service's log. */
  readonly requestId: string | null;
  /** When the service said that it is to be asked again. */
  readonly retryAfterMs: number | null;
  /** The whole document, with `issues` of a wrong request and `refused` images. */
  readonly problem: Problem | null;

  constructor(code: FaceIdErrorCode, message: string, options: FaceIdErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status ?? null;
    this.requestId = options.requestId ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.problem = options.problem ?? null;
  }
}

/** The error of a reply that is none of success. `body` is what it held, parsed where it was JSON. */
export function errorOfReply(response: Response, body: unknown): FaceIdError {
  const { status } = response;
  const requestId = response.headers.get('x-request-id');
  const retryAfterMs = retryAfterOf(response);
  if (!isProblem(body)) {
    const message = `The service answered ${status} without saying why: is it face-id that listens there?`;
    return new FaceIdError('UNEXPECTED_REPLY', message, { status, requestId, retryAfterMs });
  }
  return new FaceIdError(body.code, body.detail, { status, requestId, retryAfterMs, problem: body });
}

/** Milliseconds that `Retry-After` asks for, as seconds or as a date; null where it asks for nothing. */
export function retryAfterOf(response: Response): number | null {
  const given = response.headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(given)) return Number(given) * 1000;
  const at = Date.parse(given);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

export function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  return 'code' in value && typeof value.code === 'string' && 'detail' in value && typeof value.detail === 'string';
}
