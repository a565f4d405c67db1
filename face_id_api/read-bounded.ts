import { ServiceError } from '../detector/errors.ts';

/**
 * A response's body, at most `maxBytes` of it; the rest is never read.
 * @throws ServiceError DEPENDENCY_DOWN when there is more
 */
export async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the stream and closes the connection.
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new ServiceError('DEPENDENCY_DOWN', `The detector's reply: expected at most ${maxBytes} bytes, got more`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
