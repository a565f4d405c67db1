import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { base64Length } from '../core/image-limits.ts';
import { ServiceError } from '../errors.ts';
import { decodeBase64Image } from './decode-base64-image.ts';
import { createJsonParser } from './json-body.ts';
import { invalidRequest, zodIssues } from './problem-json.ts';

export type ImageBodyOptions = {
  /** Most bytes of one image. */
  readonly maxBytes: number;
  /** Most bytes of a JSON body where a route sets no `bodyLimit` of its own; default: one image in base64 and a little more. */
  readonly maxJsonBytes?: number;
};

/** `{"image": base64}`. Members that we do not know are left alone: clients of other versions send some. */
export const imageJsonSchema = z.object({ image: z.string().min(1, 'expected base64 text, got an empty one') });

/** Room for what surrounds the image: JSON punctuation, a data: URL's head, multipart boundaries and headers. */
const envelopeBytes = 64 * 1024;

/**
 * Lets `app` take images as JSON, multipart and raw bytes, each bounded while it is read. A larger `content-length` is refused
 * before the first byte. Other content types answer UNSUPPORTED_MEDIA_TYPE.
 */
export async function registerImageBody(app: FastifyInstance, options: ImageBodyOptions): Promise<void> {
  const { maxBytes, maxJsonBytes = base64Length(maxBytes) + envelopeBytes } = options;
  const parseJson = createJsonParser(app);
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser<string>('application/json', { parseAs: 'string', bodyLimit: maxJsonBytes }, parseJson);
  const rawTypes = /^(image\/[\w.+-]+|application\/octet-stream)/;
  app.addContentTypeParser<Buffer>(rawTypes, { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) =>
    done(null, body),
  );
  await app.register(multipart, { limits: { fileSize: maxBytes, files: 1, fields: 16, parts: 17, fieldSize: 4096 } });
  app.decorate('maxImageBytes', maxBytes);
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Set by `registerImageBody`. */
    maxImageBytes: number;
  }
}

/**
 * The image's bytes out of a request's body, whichever of the three forms it has: JSON `{"image": base64}`, the multipart file
 * `image`, or the raw bytes. Rejects with INVALID_REQUEST (absent, empty, wrong type), INVALID_BASE64 or TOO_LARGE.
 */
export async function readImage(request: FastifyRequest): Promise<Buffer> {
  const maxBytes = request.server.maxImageBytes;
  if (request.isMultipart()) return readMultipart(request, maxBytes);
  if (Buffer.isBuffer(request.body)) {
    if (request.body.length === 0) throw emptyBody();
    return request.body;
  }
  if (request.body === undefined || request.body === null) throw emptyBody();
  const parsed = imageJsonSchema.safeParse(request.body);
  if (!parsed.success) throw invalidRequest(zodIssues(parsed.error, 'body'));
  return decodeBase64Image(parsed.data.image, maxBytes);
}

function emptyBody(): ServiceError {
  return invalidRequest([
    {
      path: 'body',
      message: 'is empty: expected {"image": base64}, a multipart file named image, or the image itself',
    },
  ]);
}

async function readMultipart(request: FastifyRequest, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes + envelopeBytes) {
    throw new ServiceError('TOO_LARGE', `The image: expected at most ${maxBytes} bytes`);
  }
  let image: Buffer | null = null;
  try {
    // To the end, even when the image is found: a body that is left unread holds the connection.
    for await (const part of request.parts()) {
      if (part.type !== 'file') continue;
      if (part.fieldname === 'image') image = await part.toBuffer();
      else part.file.resume();
    }
  } catch (error) {
    throw multipartError(error, maxBytes);
  }
  if (image === null) throw invalidRequest([{ path: 'body.image', message: 'expected a multipart file named image' }]);
  if (image.length === 0) throw invalidRequest([{ path: 'body.image', message: 'is an empty file' }]);
  return image;
}

/** The parser's own errors carry a code; what it throws on a broken body is a plain Error and still the client's fault. */
function multipartError(error: unknown, maxBytes: number): ServiceError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_REQ_FILE_TOO_LARGE') {
    return new ServiceError('TOO_LARGE', `The image: expected at most ${maxBytes} bytes`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : 'unknown';
  return new ServiceError('INVALID_REQUEST', `The multipart body cannot be read: ${reason}`, { cause: error });
}
