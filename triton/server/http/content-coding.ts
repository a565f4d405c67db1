import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { StatusError } from '../status-error.ts';

const unzip = promisify(zlib.unzip);
const compressors = { gzip: promisify(zlib.gzip), deflate: promisify(zlib.deflate) } as const;

/** What a byte of deflate may become (RFC 1951: 258 bytes for two bits, at best). */
export const largestInflation = 1032;

export type Compression = keyof typeof compressors;

/** Whether a request's body is compressed; undefined for a coding that Triton does not take. */
export function isCompressed({ 'content-encoding': coding = 'identity' }: IncomingHttpHeaders): boolean | undefined {
  if (coding === 'identity') return false;
  return isCompression(coding) ? true : undefined;
}

/**
 * A body of either coding: like Triton, this goes by what its first bytes say.
 * @throws StatusError when it is damaged or cut off, or larger than `maxBytes` once decompressed
 */
export async function decompress(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (body.length === 0) throw new StatusError('INVALID_ARGUMENT', 'nothing to be decompressed');
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    const isTooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge
      ? new StatusError('RESOURCE_EXHAUSTED', `request body: expected at most ${maxBytes} bytes after decompression`)
      : new StatusError('INVALID_ARGUMENT', 'request body: expected whole gzip or deflate data', { cause });
  }
}

/** The coding of an answer, of the highest weight that Triton knows, the first of several. None for identity. */
export function acceptedCompression({ 'accept-encoding': accept }: IncomingHttpHeaders): Compression | undefined {
  let best = { name: 'identity', weight: 0 };
  for (const item of (typeof accept === 'string' ? accept : '').split(',')) {
    const [name = '', weightText = '1'] = item.trimStart().split(';q=');
    const weight = Number.parseFloat(weightText);
    if ((name === 'identity' || isCompression(name)) && weight > best.weight) best = { name, weight };
  }
  return isCompression(best.name) ? best.name : undefined;
}

function isCompression(coding: string): coding is Compression {
  return Object.hasOwn(compressors, coding);
}

export async function compress(parts: readonly Uint8Array[], compression: Compression): Promise<Uint8Array> {
  return await compressors[compression](Buffer.concat(parts));
}
