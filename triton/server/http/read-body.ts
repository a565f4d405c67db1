import type { IncomingMessage } from 'node:http';
import { StatusError } from '../status-error.ts';

export type BodyLimits = {
  /** Of one request. */
  readonly maxBodyBytes: number;
  /** Of all requests that are under way, from their first byte to the end of their answers. */
  readonly maxBufferedBytes: number;
};

export type BodyReader = {
  /**
   * A request's body, whole. Of one that is refused the rest is dropped as it comes, so that its client hears why.
   * @throws StatusError
   */
  read(request: IncomingMessage): Promise<Uint8Array>;
  /** To be called when the request has been answered: its bytes count no longer. */
  release(request: IncomingMessage): void;
};

/** Reads bodies into memory, bounded for each request and for all of them together. */
export function createBodyReader({ maxBodyBytes, maxBufferedBytes }: BodyLimits): BodyReader {
  const held = new Map<IncomingMessage, number>();
  let buffered = 0;

  /** Counts a body that is at least so long. */
  function hold(request: IncomingMessage, bytes: number): void {
    const more = Math.max(0, bytes - (held.get(request) ?? 0));
    if (bytes > maxBodyBytes) {
      throw new StatusError('RESOURCE_EXHAUSTED', `request body: expected at most ${maxBodyBytes} bytes, got ${bytes}`);
    }
    if (buffered + more > maxBufferedBytes) {
      throw new StatusError('UNAVAILABLE', `the requests under way hold ${buffered} bytes already, try again later`);
    }
    held.set(request, (held.get(request) ?? 0) + more);
    buffered += more;
  }

  function read(request: IncomingMessage): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const declared = Number(request.headers['content-length'] ?? 0);
    const chunks: Buffer[] = [];
    let length = 0;
    const holdOrDrop = (bytes: number): boolean => {
      try {
        hold(request, bytes);
        return true;
      } catch (error) {
        request.removeAllListeners('data').resume();
        reject(error);
        return false;
      }
    };
    if (!holdOrDrop(declared)) return promise;
    // In its place at once where its length is known; memory that nothing was written to costs nothing.
    const whole = Buffer.allocUnsafeSlow(declared);
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (!holdOrDrop(length)) return;
      if (declared > 0) whole.set(chunk, length - chunk.length);
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(declared > 0 ? whole : Buffer.concat(chunks)));
    request.on('error', cause => reject(new StatusError('CANCELLED', 'the request was not sent whole', { cause })));
    return promise;
  }

  return {
    read,
    release(request) {
      buffered -= held.get(request) ?? 0;
      held.delete(request);
    },
  };
}
