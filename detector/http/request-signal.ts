import type { FastifyReply } from 'fastify';

/**
 * Fires with a TimeoutError after `deadlineMs`, or with an AbortError when the client goes before its reply is written.
 * Watches the response: a request's own `close` also comes when its body has merely been read.
 */
export function requestSignal(reply: FastifyReply, deadlineMs: number): AbortSignal {
  const clientGone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) clientGone.abort();
  });
  return AbortSignal.any([clientGone.signal, AbortSignal.timeout(deadlineMs)]);
}
