import { randomUUID } from 'node:crypto';
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyBaseLogger } from 'fastify';
import { type ErrorCode, ServiceError } from '../errors.ts';
import { problemDocument } from './problem-json.ts';

type Fault = { readonly status: number; readonly code: ErrorCode; readonly detail: string };

/** By the codes of Node's errors. The statuses are those that HTTP has for them. */
const faults: Readonly<Record<string, Fault>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'TOO_LARGE',
    detail: `The head: expected at most ${maxHeaderSize} bytes`,
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'TOO_LARGE',
    detail: "The body's chunks: expected shorter extensions",
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'DEADLINE', detail: 'The head did not arrive in time' },
};

const malformed: Fault = { status: 400, code: 'INVALID_REQUEST', detail: 'The request is not well-formed HTTP' };

/** Answers what Node could not make a request of, as every error is answered, and ends the connection. For `clientErrorHandler`. */
export function refuseUnreadable({ code: cause }: ConnectionError, socket: Socket, log: FastifyBaseLogger): void {
  const fault = faults[cause] ?? (cause.startsWith('HPE_') ? malformed : null);
  // A connection that failed, or never spoke TLS, is not answered.
  if (fault === null || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, detail } = fault;
  const id = randomUUID();
  // Without the error itself, which holds what was sent.
  log.info({ reqId: id, code, detail }, 'request refused');
  const body = JSON.stringify(problemDocument(new ServiceError(code, detail), id, status));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
