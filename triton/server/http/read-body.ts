import type { IncomingMessage } from 'node:http';
import { StatusError } from '../status-error.ts';

/** Takes bytes from what the server may hold. @throws StatusError when they are not left */
export type TakeBytes = (bytes: number) => void;

export type BodyLimits = {
  readonly maxBytes: number;
  /** The connection of a client that sends nothing for so long is cut. */
  readonly stalledMs: number;
  readonly take: TakeBytes;
};

/**
 * A request's body, whole. Of one that is refused the rest is dropped as it comes, so that its client hears why.
 * @throws StatusError
 */
export function readBody(request: IncomingMessage, { maxBytes, stalledMs, take }: BodyLimits): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const declared = Number(request.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let length = 0;
  const isTaken = (bytes: number, total: number): boolean => {
    try {
      if (total > maxBytes) throw tooLarge(maxBytes, total);
      take(bytes);
      return true;
    } catch (error) {
      request.removeAllListeners('data').resume();
      reject(error);
      return false;
    }
  };
  if (!isTaken(declared, declared)) return promise;
  // In its place at once where its length is known: memory that nothing was written to costs nothing.
  const whole = Buffer.allocUnsafeSlow(declared);
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (declared > 0) whole.set(chunk, length - chunk.length);
    else if (isTaken(chunk.length, length)) chunks.push(chunk);
  });
  request.setTimeout(stalledMs, () => request.destroy());
  request.on('end', () => {
    // From here it is for us to take our time.
    request.setTimeout(0);
    resolve(declared > 0 ? whole : Buffer.concat(chunks));
  });
  request.on('error', cause => reject(new StatusError('CANCELLED', 'the request was not sent whole', { cause })));
  return promise;
}

function tooLarge(maxBytes: number, got: number): StatusError {
  return new StatusError('RESOURCE_EXHAUSTED', `request body: expected at most ${maxBytes} bytes, got ${got}`);
}
