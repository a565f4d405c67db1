import fc from 'fast-check';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { expect } from 'vitest';
import { type ErrorCode, errorTable } from '../../detector/errors.ts';

const identifier = fc.oneof(
  fc.constantFrom('1', 'anna', '%31', '%zz', '%00', '..', '%2e%2e', '__proto__', '9007199254740993', '-0', '1e3'),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
  fc.string({ minLength: 120, maxLength: 140 }).map(text => encodeURIComponent(text).slice(0, 400)),
);

/** Values that a query may hold; a lone surrogate cannot be put into a URL. */
const value = fc.oneof(
  fc.constantFrom('', '0', '-1', '1.5', '1e309', 'NaN', 'null', 'true', '[]', 'all', 'dlib_150', 'string', 'append'),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);

/** A route, mostly with its own method and its own parameters. */
function target(routes: RequestShape['routes']): fc.Arbitrary<{ method: string; url: string }> {
  return fc.constantFrom(...Object.entries(routes)).chain(([route, parameters]) => {
    const [own = 'GET', path = '/'] = route.split(' ');
    const method = fc.oneof(
      { weight: 9, arbitrary: fc.constant(own) },
      fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'),
    );
    const name = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('', ...parameters) },
      fc.constantFrom('__proto__', 'x', 'x[]', 'a.b'),
    );
    const query = fc.oneof(fc.constant<[string, string][]>([]), fc.array(fc.tuple(name, value), { maxLength: 2 }));
    return fc.record({ method, id: identifier, query }).map(({ method, id, query }) => {
      const search = query.map(([name, text]) => `${name}=${text}`).join('&');
      return { method, url: `${path.replace(':id', id)}${search === '' ? '' : `?${search}`}` };
    });
  });
}

/** JSON that is nearly what a route wants: known members with anything in them. */
function nearlyJson(members: readonly string[], images: readonly string[]): fc.Arbitrary<unknown> {
  const image = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<unknown>(...images) },
    fc.string({ maxLength: 20 }),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const anything = fc.oneof(
    image,
    fc.array(fc.record({ image }), { maxLength: 3 }),
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(-1, 0, 2 ** 53, 1e308, 'a', ''),
  );
  const name = fc.constantFrom(...members, '__proto__', 'constructor', 'toString');
  const nearly = fc.record({
    image,
    id: fc.oneof(fc.constantFrom<unknown>(1, 'a', -1, null), fc.jsonValue({ maxDepth: 1 })),
    source_image: image,
    target_image: image,
    images: fc.oneof(fc.array(fc.record({ image }), { maxLength: 3 }), fc.jsonValue({ maxDepth: 1 })),
  });
  return fc.oneof(nearly, fc.dictionary(name, anything, { maxKeys: 4 }), fc.jsonValue({ maxDepth: 3 }));
}

const boundary = 'b';

/** Multipart bodies with parts in every state of disrepair. */
function multipart(images: readonly string[]): fc.Arbitrary<Buffer> {
  const piece = fc.oneof(
    fc.constantFrom(
      ...['--b', '--b--', '\r\n', '\r\n\r\n', 'Content-Disposition: form-data; name="image"; filename="a"'],
      ...['Content-Disposition: form-data; name=image', 'Content-Disposition: form-data; name="__proto__"'],
      ...['Content-Type: image/png', 'Content-Transfer-Encoding: base64', ...images],
    ),
    fc.string({ maxLength: 10 }),
  );
  const pieces = fc.array(piece, { maxLength: 12 }).map(parts => Buffer.from(parts.join('')));
  const whole = fc.constantFrom(...images).map(image => {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n`;
    return Buffer.from(`${head}${Buffer.from(image, 'base64').toString('latin1')}\r\n--${boundary}--\r\n`, 'latin1');
  });
  return fc.oneof(pieces, whole);
}

export type RequestShape = {
  /** Query parameters by route: `GET /things/:id`. */
  readonly routes: Readonly<Record<string, readonly string[]>>;
  readonly members: readonly string[];
  /** In base64. */
  readonly images: readonly string[];
};

/** Requests to a service of ours: methods, URLs, headers and bodies, most of them not quite right. */
export function requests({ routes, members, images }: RequestShape): fc.Arbitrary<InjectOptions> {
  const json = nearlyJson(members, images).map(body => JSON.stringify(body) ?? '');
  const body = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom('application/json', 'APPLICATION/JSON; charset=utf-8'), json),
    },
    fc.tuple(fc.constant('application/json'), fc.string({ maxLength: 40 })),
    { weight: 2, arbitrary: fc.tuple(fc.constant(`multipart/form-data; boundary=${boundary}`), multipart(images)) },
    fc.tuple(
      fc.constantFrom('image/jpeg', 'application/octet-stream', 'text/plain', 'multipart/form-data', 'x', ''),
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
        fc.constantFrom(...images.map(image => Buffer.from(image, 'base64'))),
      ),
    ),
  );
  const accept = fc.constantFrom('*/*', 'application/json', 'application/octet-stream', 'x;q=2', '');
  return fc
    .record({ target: target(routes), accept, body: fc.option(body, { nil: undefined }) })
    .map(({ target: { method, url }, accept, body: sent }) => ({
      method: method as InjectOptions['method'],
      url,
      headers: { accept, ...(sent && { 'content-type': sent[0] }) },
      ...(sent && method !== 'GET' && { payload: sent[1] }),
    }));
}

/** Answers with success, or with a problem document whose code belongs to its status; never with a failure of its own. */
export async function answersAsDocumented(app: FastifyInstance, request: InjectOptions): Promise<void> {
  const reply = await app.inject(request);
  if (reply.statusCode < 300) return;
  expect(reply.statusCode, reply.body).toBeLessThan(500);
  expect(reply.headers['content-type']).toContain('application/problem+json');
  if (request.method === 'HEAD') return;
  const { status, code }: { status: number; code: ErrorCode } = reply.json();
  expect(status).toBe(reply.statusCode);
  expect(errorTable[code].status).toBe(status);
}
