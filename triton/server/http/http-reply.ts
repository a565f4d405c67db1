import type { StatusCode, StatusError } from '../status-error.ts';

export type ContentType = 'application/json' | 'application/octet-stream' | 'text/plain';

export type HttpReply = {
  readonly status: number;
  readonly contentType: ContentType;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent one after the other, none of them copied. */
  readonly body: readonly Uint8Array[];
};

/** How Triton's HTTP side says a status. */
const httpStatus: Readonly<Record<StatusCode, number>> = {
  CANCELLED: 400,
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 413,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
};

export function emptyReply(status: number, contentType: ContentType): HttpReply {
  return { status, contentType, body: [] };
}

/** @param text of JSON */
export function jsonReply(text: string): HttpReply {
  return { status: 200, contentType: 'application/json', body: [Buffer.from(text)] };
}

/** Triton's error document. Some of its routes call it text. */
export function errorReply(status: number, message: string, contentType: ContentType): HttpReply {
  return { status, contentType, body: [Buffer.from(JSON.stringify({ error: message }))] };
}

export function statusReply({ code, message }: StatusError, contentType: ContentType): HttpReply {
  return errorReply(httpStatus[code], message, contentType);
}
