import { errors } from '@elastic/elasticsearch';
import { ServiceError } from '../../detector/errors.ts';

/** An item of a bulk or multi request that failed, while the request itself did not. */
export class ElasticsearchItemError extends Error {
  readonly status: number;
  readonly type: string;
  readonly reason: string;

  constructor(status: number, type: string, reason: string) {
    super(`Elasticsearch answered ${status} ${type}`);
    this.name = 'ElasticsearchItemError';
    this.status = status;
    this.type = type;
    this.reason = reason;
  }
}

type Answer = { readonly status: number; readonly type: string; readonly reason: string };

const retryAfterSeconds = 5;

/** Another write came first: the sequence number is not what was read, or the document is there already. */
export function isConflict(error: unknown): boolean {
  return answerOf(error)?.status === 409;
}

/** The index or alias that was asked is not there (any more). */
export function isIndexGone(error: unknown): boolean {
  const type = answerOf(error)?.type;
  return type === 'index_not_found_exception' || type === 'aliases_not_found_exception';
}

/** Somebody else has made this index. */
export function isIndexThere(error: unknown): boolean {
  return answerOf(error)?.type === 'resource_already_exists_exception';
}

/**
 * What the client of Elasticsearch throws, as ServiceError: DEPENDENCY_DOWN while the cluster is away, cannot take more or lets us
 * not in, STORAGE_FAILED where it refuses to write. Its own errors hold the request, with vectors and keys, so that none of them
 * becomes a cause. Every other error as it is.
 */
export function translateElasticsearchError(error: unknown): unknown {
  if (error instanceof errors.RequestAbortedError) return new DOMException('The request is over', 'AbortError');
  const answer = answerOf(error);
  if (answer !== null) return toServiceError(answer);
  if (error instanceof errors.ElasticsearchClientError) {
    const message = 'Elasticsearch does not answer; nothing is known of what was not acknowledged';
    return new ServiceError('DEPENDENCY_DOWN', message, { cause: new Error(error.name), retryAfterSeconds });
  }
  return error;
}

function toServiceError({ status, type, reason }: Answer): ServiceError {
  const cause = new Error(`Elasticsearch answered ${status} ${type}`);
  const down = (message: string): ServiceError =>
    new ServiceError('DEPENDENCY_DOWN', message, { cause, retryAfterSeconds });
  if (status === 401 || type === 'security_exception') {
    return down('Elasticsearch refuses the credentials, or they lack a privilege: see docs/elasticsearch.md');
  }
  if (/disk usage exceeded|read-only-allow-delete/.test(reason)) {
    return new ServiceError('STORAGE_FAILED', 'The store failed: the disks of Elasticsearch are full', { cause });
  }
  if (status === 408 || status === 429 || status >= 502 || type === 'cluster_block_exception') {
    return down('Elasticsearch is there, but cannot take the request now');
  }
  return new ServiceError('STORAGE_FAILED', `The store failed: ${cause.message}`, { cause });
}

function answerOf(error: unknown): Answer | null {
  if (error instanceof ElasticsearchItemError) return error;
  if (!(error instanceof errors.ResponseError)) return null;
  const body: unknown = error.body;
  const details = isRecord(body) && isRecord(body.error) ? body.error : {};
  return {
    status: error.statusCode ?? 0,
    type: String(details.type ?? 'unknown'),
    reason: String(details.reason ?? ''),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
