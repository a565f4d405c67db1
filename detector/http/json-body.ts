import type { FastifyBodyParser, FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../errors.ts';
import { invalidRequest } from './problem-json.ts';

/**
 * Lets `app` take JSON. A route whose schema has a body takes nothing else, whatever parsers its scope has for others, and no empty
 * one. To a route without, an empty body is none: many clients send the content type of JSON with every request.
 */
export function registerJsonBody(app: FastifyInstance): void {
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, createJsonParser(app));
  // Once it is known who asks, and before the body is read.
  app.addHook('preParsing', async request => {
    if (!takesJson(request) || request.mediaType === undefined || request.mediaType === 'application/json') return;
    throw new ServiceError('UNSUPPORTED_MEDIA_TYPE', 'Expected content type application/json');
  });
}

/** The parser by itself, for a scope with bounds of its own. */
export function createJsonParser(app: FastifyInstance): FastifyBodyParser<string> {
  const parse = app.getDefaultJsonParser('error', 'error');
  return (request, text, done) => {
    if (text === '' && !takesJson(request)) done(null, undefined);
    else parse(request, text, (error, body) => done(error && isJson(text) ? refusedKey() : error, body));
  };
}

function takesJson(request: FastifyRequest): boolean {
  return request.routeOptions.schema?.body !== undefined;
}

/** Fastify's parser has one error for what is no JSON and for JSON with a key that it does not let through. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refusedKey(): ServiceError {
  const message = 'expected no key __proto__, and no prototype in a constructor';
  return invalidRequest([{ path: 'body', message }]);
}
