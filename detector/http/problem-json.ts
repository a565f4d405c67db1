import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ErrorCode, errorCodes, errorTable, ServiceError } from '../errors.ts';

/** One thing that is wrong with a request: where (`body.image`, `query.top_k`), and what was expected. */
export type RequestIssue = { readonly path: string; readonly message: string };

/** The document that every error is answered with. */
export const problemSchema = z.object({
  type: z.string().describe('A URN that ends in the code.'),
  title: z.string().describe('What the code means.'),
  status: z.int().min(400).max(599),
  detail: z.string().describe('What happened, for people; its wording may change.'),
  code: z.enum(errorCodes).describe('Stable: programs branch on it.'),
  request_id: z.string().describe('Finds the request in the log; also in the header x-request-id.'),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  behind: z
    .object({ missing: z.int(), changed: z.int(), bare: z.int() })
    .optional()
    .describe('With GALLERY_BEHIND: identities that the gallery beside lacks, has as they were, has no template of.'),
  templates: z.array(z.string()).optional().describe('With ENROLLED_FACE: the templates that are of the same image.'),
  refused: z.array(z.unknown()).optional().describe('With NO_FACE_ENROLLED: what was wrong with each image.'),
  quality: z.array(z.unknown()).optional().describe('With NO_FACE_ENROLLED and `quality=true`: what was measured.'),
});

export type ProblemDocument = z.infer<typeof problemSchema>;

/**
 * Makes every error of `app` an `application/problem+json` document (RFC 9457): `type`, `title`, `status`, `detail`, `code`,
 * `request_id`, and an error's further members such as `issues`. Unknown errors become INTERNAL and tell the client nothing.
 */
export function registerProblemHandler(app: FastifyInstance): void {
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request, reply) =>
    // Without the path, which may hold an id and which the log would keep.
    sendProblem(new ServiceError('NOT_FOUND', `There is no such ${request.method} route`), request, reply),
  );
}

/** The error handler itself, for fastify's `frameworkErrors` option: what fails before routing never reaches `setErrorHandler`. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toServiceError(error);
  const { status } = errorTable[problem.code];
  const clientGone = error instanceof Error && error.name === 'AbortError';
  if (status >= 500 && !clientGone) request.log.error({ err: error, code: problem.code }, 'request failed');
  else request.log.info({ code: problem.code, ...refusedFor(problem) }, 'request refused');
  if (retryStatuses.has(status))
    reply.header('retry-after', String(Math.max(1, Math.ceil(problem.retryAfterSeconds ?? 1))));
  const document = problemDocument(problem, request.id);
  return reply.code(status).serializer(JSON.stringify).type('application/problem+json').send(document);
}

/** What is answered; `status` only where it is not that of the code. */
export function problemDocument(
  { code, message, extra }: ServiceError,
  requestId: string,
  status: number = errorTable[code].status,
): ProblemDocument {
  return {
    // Free-form members come first, so that none of them can replace one of the standard's.
    ...extra,
    type: `urn:face-id:error:${code}`,
    title: errorTable[code].title,
    status,
    detail: message,
    code,
    request_id: requestId,
  };
}

/** What may be asked again, and says after how many seconds. */
const retryStatuses: ReadonlySet<number> = new Set([429, 503]);

/** Why, for the log: what is wrong with a request is said in the client's own words, and only its place is kept. */
function refusedFor({ code, message, extra }: ServiceError): { detail: string } | { places: string[] } {
  if (code !== 'INVALID_REQUEST') return { detail: message };
  const places = Array.isArray(extra.issues) ? extra.issues.map((issue: RequestIssue) => issue.path) : [];
  return { places };
}

/** A refusal that lists everything that is wrong, one line each in the detail. */
export function invalidRequest(issues: readonly RequestIssue[]): ServiceError {
  const detail = issues.map(({ path, message }) => `${path}: ${message}`).join('\n');
  return new ServiceError('INVALID_REQUEST', detail, { extra: { issues } });
}

/** The issues of a zod error, `where` (`body`, `query`, `params`) put before each path. */
export function zodIssues(error: z.ZodError, where: string): RequestIssue[] {
  return error.issues.map(issue => ({ path: [where, ...issue.path].join('.'), message: issue.message }));
}

/** Any error as one of ours: ServiceError as it is, fastify's own by its code, aborts by their name, the rest INTERNAL. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isFastifyError(error)) {
    if (error.validation) return invalidRequest(validationIssues(error));
    const code = codeOfFastify(error);
    if (code) return new ServiceError(code, fastifyDetails[error.code] ?? error.message, { cause: error });
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new ServiceError('DEADLINE', 'The request took longer than allowed', { cause: error });
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return new ServiceError('DEADLINE', 'The client went away before its reply', { cause: error });
  }
  return new ServiceError('INTERNAL', 'The service failed; its log has the reason under this request id', {
    cause: error,
  });
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'statusCode' in error;
}

const fastifyDetails: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body holds more bytes than this route accepts',
  FST_REQ_FILE_TOO_LARGE: 'The file holds more bytes than this route accepts',
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    'Expected content type application/json, multipart/form-data, image/* or application/octet-stream',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty: expected a JSON object',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON',
  FST_FILES_LIMIT: 'Expected one file, got several',
};

function codeOfFastify(error: FastifyError): ErrorCode | null {
  if (error.code === 'FST_FILES_LIMIT') return 'INVALID_REQUEST';
  if (error.code === 'FST_ERR_NOT_FOUND') return 'NOT_FOUND';
  if (error.statusCode === 413) return 'TOO_LARGE';
  if (error.statusCode === 415) return 'UNSUPPORTED_MEDIA_TYPE';
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return 'INVALID_REQUEST';
  return error.code === 'FST_ERR_HANDLER_TIMEOUT' ? 'DEADLINE' : null;
}

const contextNames: Readonly<Record<string, string>> = { querystring: 'query', headers: 'headers', params: 'params' };

function validationIssues(error: FastifyError): RequestIssue[] {
  const where = contextNames[error.validationContext ?? ''] ?? 'body';
  return (error.validation ?? []).map(issue => ({
    path: [where, ...issue.instancePath.split('/').filter(Boolean)].join('.'),
    message: issue.message ?? issue.keyword,
  }));
}
