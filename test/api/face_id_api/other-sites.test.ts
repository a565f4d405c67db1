import type { InjectOptions } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { createFakeFaceFinder } from '../detector/fake-face-finder.ts';
import { issuedKeys } from './issued-keys.ts';
import { startApi } from './start-api.ts';

const issued = issuedKeys();
const { keys } = issued;
const withKeys = { access: { keys } };

describe('without keys', () => {
  it.each([
    'localhost',
    'localhost:8004',
    '127.0.0.1:8004',
    '127.9.9.9',
    '[::1]:8004',
    'LOCALHOST:1',
    'faces.lan:8004',
  ])('the API answers under the name %s', async host => {
    const { app } = await startApi({ access: { allowed_hosts: ['Faces.lan'] } });
    expect((await app.inject({ url: '/identities', headers: { host } })).statusCode).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:8004',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'localhost.evil.example',
    'x@localhost',
  ])('a name that may have been bound to this address, %s, is refused', async host => {
    const { app } = await startApi();
    const headers = { host, 'x-forwarded-host': 'localhost' };
    const reply = await app.inject({ url: '/identities', headers });
    expect(reply.json()).toMatchObject({ status: 403, code: 'FORBIDDEN_HOST' });
    // Nothing that is worth taking is open.
    expect((await app.inject({ url: '/healthz', headers })).statusCode).toBe(200);
  });

  const host = 'localhost:8004';
  it.each([
    ['of no browser', {}],
    ['that a person typed', { 'sec-fetch-site': 'none' }],
    ['of our own page', { 'sec-fetch-site': 'same-origin', origin: `http://${host}` }],
    ['of our own page, reading', { 'sec-fetch-site': 'same-origin' }],
    ['of a page that is named', { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }],
  ])('a request %s is answered', async (_, headers) => {
    const { app } = await startApi({ access: { cors_origins: ['https://app.example'] } });
    expect((await app.inject({ url: '/identities', headers: { host, ...headers } })).statusCode).toBe(200);
  });

  it.each([
    ['of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['of another site, in an image', { 'sec-fetch-site': 'cross-site' }],
    ['of an old browser', { origin: 'https://evil.example' }],
    ['of another port', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' }],
    ['of another port, in an image', { 'sec-fetch-site': 'same-site' }],
    ['of a page from nowhere', { origin: 'null' }],
    ['of the same name by HTTPS', { origin: `https://${host}` }],
  ])('a request %s is refused', async (_, headers) => {
    const { app } = await startApi({ access: { cors_origins: ['https://app.example'] } });
    const reply = await app.inject({ method: 'DELETE', url: '/identities?confirm=all', headers: { host, ...headers } });
    expect(reply.json()).toMatchObject({ status: 403, code: 'FORBIDDEN_ORIGIN' });
  });

  it('with keys neither matters: no other site has one', async () => {
    const { app } = await startApi(withKeys);
    const headers = { host: 'faces.example', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect(
      (await app.inject({ url: '/identities', headers: { ...headers, 'x-api-key': issued.read } })).statusCode,
    ).toBe(200);
    expect((await app.inject({ url: '/identities', headers })).statusCode).toBe(401);
  });
});

describe('CORS', () => {
  const preflight = (origin: string): InjectOptions => ({
    method: 'OPTIONS',
    url: '/infer',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
  });

  it('is off until an origin is named', async () => {
    const { app } = await startApi(withKeys);
    const reply = await app.inject(preflight('https://app.example'));
    expect([reply.statusCode, reply.headers['access-control-allow-origin']]).toEqual([404, undefined]);
    const read = await app.inject({
      url: '/identities',
      headers: { 'x-api-key': issued.read, origin: 'https://app.example' },
    });
    expect(read.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('lets the named origin ask with a key, and nobody else', async () => {
    const { app } = await startApi({ access: { keys, cors_origins: ['https://app.example'] } });
    const reply = await app.inject(preflight('https://app.example'));
    expect(reply.statusCode).toBe(204);
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-headers': expect.stringContaining('x-api-key'),
      'access-control-allow-methods': expect.stringContaining('DELETE'),
    });
    expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
    expect(
      (await app.inject(preflight('https://evil.example'))).headers['access-control-allow-origin'],
    ).toBeUndefined();
    const headers = { origin: 'https://app.example', 'x-api-key': issued.read };
    const read = await app.inject({ url: '/identities', headers });
    expect(read.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(read.headers['access-control-expose-headers']).toContain('x-request-id');
  });
});

describe('what browsers are told', () => {
  it('is strict on every reply of both services, errors and unknown routes included', async () => {
    const { app } = await startApi();
    const detector = await buildDetectorApp({ finder: createFakeFaceFinder(), config: { deadline_ms: 1000 } });
    onTestFinished(() => detector.close());
    for (const service of [app, detector]) {
      for (const url of ['/identities', '/healthz', '/nothing', '/identities/nobody', '/openapi.json']) {
        const { headers } = await service.inject(url);
        const policy = String(headers['content-security-policy']).split(';');
        const strict = ["default-src 'self'", "img-src 'self' data: blob:", "object-src 'none'", "base-uri 'none'"];
        expect(policy, url).toEqual(expect.arrayContaining([...strict, "frame-ancestors 'none'"]));
        expect(policy.join(), url).not.toMatch(/unsafe|https?:|\*/);
        expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
        expect(headers['strict-transport-security'], url).toBeUndefined();
      }
    }
  });

  it('is to come by HTTPS only, behind TLS', async () => {
    const { app } = await startApi({ access: { behindTlsProxy: true } });
    expect((await app.inject('/healthz')).headers['strict-transport-security']).toMatch(/max-age=31536000/);
  });
});
