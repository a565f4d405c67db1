import { request as httpRequest } from 'node:http';
import fastify from 'fastify';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { buildDetectorApp } from '../../../detector/app.ts';
import { errorTable, ServiceError } from '../../../detector/errors.ts';
import { registerProblemHandler } from '../../../detector/http/problem-json.ts';
import { createFakeFaceFinder } from './fake-face-finder.ts';
import { postForm } from './post-form.ts';

const maxBytes = 20 * 1024 * 1024;
const finder = createFakeFaceFinder();
const app = await buildDetectorApp({ finder, config: { deadline_ms: 1000 } });
afterAll(() => app.close());

type Case = [name: string, status: number, code: string, request: object];
const jsonType = { 'content-type': 'application/json' };
const jpegType = { 'content-type': 'image/jpeg' };
const big = Buffer.alloc(maxBytes + 1);

const cases: Case[] = [
  ['no body at all', 400, 'INVALID_REQUEST', {}],
  ['an empty JSON body', 400, 'INVALID_REQUEST', { headers: jsonType, payload: '' }],
  ['broken JSON', 400, 'INVALID_REQUEST', { headers: jsonType, payload: '{"image":' }],
  ['JSON that poisons prototypes', 400, 'INVALID_REQUEST', { headers: jsonType, payload: '{"__proto__":{"x":1}}' }],
  ['a missing field', 400, 'INVALID_REQUEST', { payload: {} }],
  ['a wrong type', 400, 'INVALID_REQUEST', { payload: { image: 12 } }],
  ['an array', 400, 'INVALID_REQUEST', { payload: ['AQID'] }],
  ['null', 400, 'INVALID_REQUEST', { headers: jsonType, payload: 'null' }],
  ['an empty image', 400, 'INVALID_REQUEST', { payload: { image: '' } }],
  ['an empty raw body', 400, 'INVALID_REQUEST', { headers: jpegType, payload: '' }],
  ['what is no base64', 400, 'INVALID_BASE64', { payload: { image: '%%%' } }],
  ['a raw body of more than 20 MiB', 413, 'TOO_LARGE', { headers: jpegType, payload: big }],
  ['a JSON image of more than 20 MiB', 413, 'TOO_LARGE', { payload: { image: big.toString('base64') } }],
  ['JSON beyond any image', 413, 'TOO_LARGE', { headers: jsonType, payload: `{"image":"${'A'.repeat(29_000_000)}"}` }],
  ['a file of more than 20 MiB', 413, 'TOO_LARGE', postForm([{ name: 'image', filename: 'a', content: big }])],
  [
    'a form far beyond an image',
    413,
    'TOO_LARGE',
    postForm([{ name: 'x', filename: 'a', content: Buffer.concat([big, big]) }]),
  ],
  ['a form without an image', 400, 'INVALID_REQUEST', postForm([{ name: 'photo', filename: 'a.jpg', content: 'x' }])],
  ['a form whose image is text', 400, 'INVALID_REQUEST', postForm([{ name: 'image', content: 'AQID' }])],
  ['a form with an empty image', 400, 'INVALID_REQUEST', postForm([{ name: 'image', filename: 'a.jpg', content: '' }])],
  [
    'a form with two images',
    400,
    'INVALID_REQUEST',
    postForm([
      { name: 'image', filename: 'a.jpg', content: 'x' },
      { name: 'image', filename: 'b.jpg', content: 'y' },
    ]),
  ],
  ['a form that breaks off', 400, 'INVALID_REQUEST', { ...brokenForm() }],
  [
    'a form without a boundary',
    400,
    'INVALID_REQUEST',
    { headers: { 'content-type': 'multipart/form-data' }, payload: 'x' },
  ],
  ['plain text', 415, 'UNSUPPORTED_MEDIA_TYPE', { headers: { 'content-type': 'text/plain' }, payload: 'x' }],
  [
    "curl's --data-binary without a type",
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'x' },
  ],
];

function brokenForm() {
  const form = postForm([{ name: 'image', filename: 'a.jpg', content: 'x'.repeat(500) }]);
  return { ...form, payload: form.payload.subarray(0, 300) };
}

test.each(cases)('%s: %i %s, and the finder is not asked', async (_name, status, code, request) => {
  const before = finder.asked.length;
  const reply = await app.inject({ method: 'POST', url: '/detect', ...request });
  expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
  expect(reply.headers['content-type']).toContain('application/problem+json');
  expect(reply.json()).toEqual({
    ...reply.json(),
    type: `urn:face-id:error:${code}`,
    title: expect.any(String),
    detail: expect.stringMatching(/./),
    status,
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(finder.asked.length).toBe(before);
});

test('a content-length beyond the limit is refused before the body comes', async () => {
  const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const status = await new Promise((resolve, reject) => {
    const headers = { ...jpegType, 'content-length': String(maxBytes + 1) };
    const call = httpRequest({ hostname, port, path: '/detect', method: 'POST', headers }, reply => {
      resolve(reply.statusCode);
      call.destroy();
    });
    call.on('error', reject);
    call.flushHeaders();
  });
  expect(status).toBe(413);
});

test('an unknown route is NOT_FOUND, a URL that cannot be decoded INVALID_REQUEST, both as problems', async () => {
  const unknown = await app.inject('/nothing?secret=1');
  expect(unknown.json()).toMatchObject({ status: 404, code: 'NOT_FOUND', detail: 'There is no such GET route' });
  const broken = await app.inject('/%zz');
  expect(broken.headers['content-type']).toContain('application/problem+json');
  expect(broken.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
});

test('every code answers with its status; further members come along, but replace none of the standard ones', async () => {
  for (const [code, { status, title }] of Object.entries(errorTable)) {
    const failing = fastify();
    registerProblemHandler(failing);
    const extra = { refused: [1], status: 1, code: 'X' };
    failing.get('/', () => {
      throw new ServiceError(code as keyof typeof errorTable, 'why', { extra });
    });
    const reply = await failing.inject('/');
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toMatchObject({ code, status, title, detail: 'why', refused: [1] });
    expect(reply.headers['retry-after']).toBe([429, 503].includes(status) ? '1' : undefined);
    await failing.close();
  }
});

test('an unknown error is INTERNAL and tells nothing', async () => {
  const failing = fastify();
  registerProblemHandler(failing);
  failing.get('/', () => {
    throw new TypeError('the secret is 42');
  });
  failing.get('/text', () => {
    throw 'a thrown string';
  });
  for (const url of ['/', '/text']) {
    const reply = await failing.inject(url);
    expect([reply.statusCode, reply.json().code]).toEqual([500, 'INTERNAL']);
    expect(reply.body).not.toMatch(/secret|thrown/);
  }
  await failing.close();
});

test('validation by a zod compiler lists every issue with its place', async () => {
  const { serializerCompiler, validatorCompiler } = await import('fastify-type-provider-zod');
  const validating = fastify();
  validating.setValidatorCompiler(validatorCompiler);
  validating.setSerializerCompiler(serializerCompiler);
  registerProblemHandler(validating);
  const schema = { querystring: z.object({ limit: z.coerce.number().int(), after: z.string() }) };
  validating.get('/', { schema }, () => ({}));
  const reply = await validating.inject('/?limit=x');
  expect(reply.json()).toMatchObject({
    code: 'INVALID_REQUEST',
    issues: [{ path: 'query.limit' }, { path: 'query.after' }],
  });
  await validating.close();
});
