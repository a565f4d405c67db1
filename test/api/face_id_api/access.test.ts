import type { InjectOptions } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { buildApiApp } from '../../../face_id_api/app.ts';
import { scopes } from '../../../face_id_api/core/scope.ts';
import { createFakeFaceFinder } from '../detector/fake-face-finder.ts';
import { createLogLines } from '../log-lines.ts';
import { fakeDeps, fakeFinder, photo } from './fake-deps.ts';
import { issuedKeys } from './issued-keys.ts';
import { startApi } from './start-api.ts';

const issued = issuedKeys();
const { keys } = issued;
const withKeys = { access: { keys } };
const limits = { requests_per_minute: 1000, photos_at_once: 16, failures_per_minute: 30 };
const ask = (key: string): InjectOptions => ({ method: 'GET', url: '/identities', headers: { 'x-api-key': key } });

/** Everything that the API answers to, and what it wants of who asks. */
const routeScopes = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /openapi.json': 'open',
  'GET /metrics': 'admin',
  'POST /infer': 'read',
  'POST /embeddings': 'read',
  'POST /verify': 'read',
  'GET /models': 'read',
  'GET /identities': 'read',
  'GET /identities/:id': 'read',
  'GET /identities/:id/templates': 'read',
  'GET /identities/:id/templates/:template': 'read',
  'GET /galleries': 'read',
  'GET /galleries/:name': 'read',
  'POST /generate': 'enrol',
  'PUT /identities/:id': 'enrol',
  'PATCH /identities/:id': 'enrol',
  'POST /identities/:id/merge': 'enrol',
  'POST /identities/:id/split': 'enrol',
  'POST /identities/:id/templates': 'enrol',
  'POST /identities/:id/templates/move': 'enrol',
  'PUT /galleries/:name': 'enrol',
  'POST /galleries/:name/import': 'enrol',
  'GET /galleries/:name/export': 'admin',
  'DELETE /identities': 'erase',
  'DELETE /identities/:id': 'erase',
  'DELETE /identities/:id/templates/:template': 'erase',
  'DELETE /galleries/:name': 'erase',
  'GET /identities/:id/rejections': 'read',
  'POST /identities/:id/rejections': 'enrol',
  'DELETE /identities/:id/rejections/:rejection': 'erase',
  'GET /duplicates': 'read',
  'POST /duplicates/dismiss': 'enrol',
  'POST /duplicates/restore': 'enrol',
  'GET /unknowns/clusters': 'read',
  'POST /unknowns/clusters/:cluster/enrol': 'enrol',
  'DELETE /unknowns/clusters/:cluster': 'erase',
  'DELETE /unknowns': 'erase',
} as const;

describe('routes', () => {
  it('have the scopes that are documented; those of /docs are open, and HEAD asks what GET does', async () => {
    const { app } = await startApi();
    // Swagger UI's and the console's files.
    const page = / \/($|docs(\/|$)|console\/)/;
    const found = [...app.routeScopes].filter(([route]) => !page.test(route));
    expect(Object.fromEntries(found.filter(([route]) => !route.startsWith('HEAD ')))).toEqual(routeScopes);
    for (const [route, scope] of found) expect(app.routeScopes.get(route.replace('HEAD', 'GET')), route).toBe(scope);
    for (const [route, scope] of app.routeScopes) if (page.test(route)) expect(scope, route).toBe('open');
  });

  it('are not served while one of them says none', async () => {
    const app = await buildApiApp(fakeDeps());
    app.get('/forgotten', async () => 'anything');
    await expect(app.ready()).rejects.toThrow('Routes without config.scope: GET /forgotten, HEAD /forgotten');
  });

  it('say in the OpenAPI document what they want, and how they refuse', async () => {
    const { app } = await startApi();
    const { paths, components } = (await app.inject('/openapi.json')).json();
    expect(components.securitySchemes).toMatchObject({ apiKey: { name: 'x-api-key' }, bearer: { scheme: 'bearer' } });
    for (const [route, scope] of Object.entries(routeScopes)) {
      const [method = '', path = ''] = route.split(' ');
      const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      if (/metrics|openapi/.test(path)) continue;
      const security = scope === 'open' ? [] : [{ apiKey: [scope] }, { bearer: [scope] }];
      expect(operation.security, route).toEqual(security);
      const refusals = ['401', '403', '429'].filter(status => status in operation.responses);
      expect(refusals, route).toEqual(scope === 'open' ? [] : ['401', '403', '429']);
    }
  });

  it.each(Object.entries(routeScopes))('%s wants %s', async (route, wanted) => {
    const { app } = await startApi(withKeys);
    const [method = '', url = ''] = route.split(' ');
    const request = { method: method as 'GET', url: url.replace(':id', '1').replace(':name', 'default') };
    const statusFor = async (headers: Record<string, string>): Promise<number> =>
      (await app.inject({ ...request, headers })).statusCode;
    if (wanted === 'open') {
      expect(await statusFor({})).toBe(200);
      return;
    }
    const nobody = await app.inject(request);
    expect(nobody.headers['www-authenticate']).toBe('Bearer realm="face-id"');
    if (method !== 'HEAD') expect(nobody.json()).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    for (const scope of scopes) {
      const status = await statusFor({ 'x-api-key': issued[scope] });
      if (scope === wanted || scope === 'admin') expect([401, 403, 429], scope).not.toContain(status);
      else expect(status, scope).toBe(403);
    }
  });
});

describe('a key', () => {
  it('is taken as x-api-key and as Authorization: Bearer, the plain one too', async () => {
    const { app } = await startApi(withKeys);
    for (const key of [issued.read, issued.plain]) {
      expect((await app.inject(ask(key))).statusCode).toBe(200);
      const headers = { authorization: `Bearer ${key}` };
      expect((await app.inject({ url: '/identities', headers })).statusCode).toBe(200);
    }
  });

  it.each([
    ['that nobody has', `fid_0123456789abcdef_${'0'.repeat(64)}`],
    ['with a known id and another secret', `${issued.read.slice(0, 21)}${'0'.repeat(64)}`],
    ['that has expired', issued.expired],
    ['that is cut off', issued.read.slice(0, -1)],
    ['that is longer', `${issued.read}0`],
    ['that is empty', ''],
    ['of another form', 'hunter2'],
  ])('%s is refused with 401', async (_, key) => {
    const { app } = await startApi(withKeys);
    const reply = await app.inject(ask(key));
    expect(reply.json()).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    if (key !== '') expect(reply.body).not.toContain(key);
  });

  it('that lacks the scope is told which', async () => {
    const { app } = await startApi(withKeys);
    const reply = await app.inject({ ...ask(issued.read), method: 'DELETE', url: '/identities/1' });
    expect(reply.json()).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
      detail: 'Expected a key with the scope erase',
    });
  });

  it('is asked for before a body is read', async () => {
    const { app } = await startApi({ ...withKeys, limits: { maxImageBytes: 1000 } });
    const reply = await app.inject({ method: 'POST', url: '/infer', payload: Buffer.alloc(10_000) });
    expect(reply.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('makes the caller known to routes, and its id to the log', async () => {
    const log = createLogLines();
    const deps = fakeDeps({ ...withKeys, logger: log.logger });
    const app = await buildApiApp(deps);
    app.get('/whoami', { config: { scope: 'read' } }, async request => request.caller);
    const reply = await app.inject({ ...ask(issued.read), url: '/whoami' });
    expect(reply.json()).toEqual({ keyId: issued.ids.read, name: 'reader', scopes: ['read'] });
    expect(log.lines()).toContainEqual(
      expect.objectContaining({ route: '/whoami', key: issued.ids.read, msg: 'request' }),
    );
    await app.close();
    await deps.store.close();
  });

  it('is in no log line, whole, in parts or hashed, whatever comes of it', async () => {
    const log = createLogLines();
    const { app } = await startApi({ ...withKeys, logger: log.logger });
    const secret = issued.read.slice(21);
    const wrong = `${issued.read.slice(0, -8)}deadbeef`;
    for (const key of [issued.read, wrong, issued.expired, issued.plain, 'hunter2-hunter2-hunter2']) {
      for (const url of ['/identities', '/nothing', '/identities/%zz', '/metrics', '/identities?after=%']) {
        await app.inject({ url, headers: { 'x-api-key': key } });
        await app.inject({ method: 'DELETE', url, headers: { authorization: `Bearer ${key}` } });
      }
    }
    expect(log.lines().length).toBeGreaterThan(40);
    const traces = [
      secret.slice(0, 16),
      secret.slice(-16),
      'deadbeef',
      issued.plain,
      'hunter2',
      issued.expired.slice(21, 37),
    ];
    for (const trace of [...traces, 'reader', 'administrator']) expect(log.text()).not.toContain(trace);
  });
});

describe('without keys', () => {
  it('everything is open, and nobody is counted', async () => {
    const { app } = await startApi({
      access: { limits: { ...limits, requests_per_minute: 1, failures_per_minute: 1 } },
    });
    for (let i = 0; i < 3; i++) {
      const reply = await app.inject({ url: '/identities', headers: { 'x-api-key': 'of-another-service' } });
      expect([reply.statusCode, reply.headers['ratelimit-limit']]).toEqual([200, undefined]);
    }
  });

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
      (await app.inject({ ...ask(issued.read), headers: { ...headers, 'x-api-key': issued.read } })).statusCode,
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
      ...ask(issued.read),
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

describe('limits', () => {
  it('are of each key by itself: requests a minute', async () => {
    const { app } = await startApi({ access: { keys, limits: { ...limits, requests_per_minute: 2 } } });
    const first = await app.inject(ask(issued.read));
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '1' });
    await app.inject(ask(issued.read));
    const refused = await app.inject(ask(issued.read));
    expect(refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.headers['ratelimit-remaining']).toBe('0');
    expect((await app.inject(ask(issued.admin))).statusCode).toBe(200);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('are of each key by itself: photo requests at once', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const plain = fakeFinder();
    const finder = fakeFinder({
      find: async (...args) => {
        begin();
        await release;
        return plain.find(...args);
      },
    });
    const { app } = await startApi({ finder, access: { keys, limits: { ...limits, photos_at_once: 1 } } });
    const infer = async (key: string) =>
      app.inject({
        method: 'POST',
        url: '/infer',
        payload: { image: photo(1).toString('base64') },
        headers: { 'x-api-key': key },
      });
    const waiting = infer(issued.read);
    await begun;
    const refused = await infer(issued.read);
    expect(refused.json()).toMatchObject({
      status: 429,
      code: 'RATE_LIMITED',
      detail: expect.stringContaining('photo'),
    });
    expect(refused.headers['retry-after']).toBe('1');
    expect((await app.inject(ask(issued.read))).statusCode).toBe(200);
    const other = infer(issued.admin);
    resolve();
    expect([(await waiting).statusCode, (await other).statusCode]).toEqual([200, 200]);
    expect((await infer(issued.read)).statusCode).toBe(200);
  });

  it('are of each address for wrong keys: then even the right plain key is not looked at, a stored one is', async () => {
    const { app } = await startApi({ access: { keys, limits: { ...limits, failures_per_minute: 2 } } });
    const from = (remoteAddress: string, key: string) => app.inject({ ...ask(key), remoteAddress });
    for (let i = 0; i < 2; i++) expect((await from('10.0.0.1', `guess-${i}`)).statusCode).toBe(401);
    expect((await from('10.0.0.1', issued.plain)).statusCode).toBe(200);
    const refused = await from('10.0.0.1', 'guess-2');
    expect(refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await from('10.0.0.1', issued.plain)).statusCode).toBe(429);
    expect((await from('10.0.0.1', issued.read)).statusCode).toBe(200);
    expect((await from('10.0.0.2', issued.plain)).statusCode).toBe(200);
    // No key is no guess.
    expect((await app.inject({ url: '/identities', remoteAddress: '10.0.0.1' })).statusCode).toBe(401);
  });

  it('take the address from a proxy only where one is said to be, and only from the next one', async () => {
    const access = { keys, limits: { ...limits, failures_per_minute: 1 } };
    const guess = (forwarded: string): InjectOptions => ({
      url: '/identities',
      headers: { 'x-api-key': 'guess', 'x-forwarded-for': forwarded },
    });
    const direct = (await startApi({ access })).app;
    const proxied = (await startApi({ access: { ...access, behindTlsProxy: true } })).app;
    const statuses = async (app: typeof direct, ...from: string[]) => {
      const found: number[] = [];
      for (const one of from) found.push((await app.inject(guess(one))).statusCode);
      return found;
    };
    expect(await statuses(direct, '10.0.0.1', '10.0.0.2')).toEqual([401, 429]);
    expect(await statuses(proxied, '10.0.0.1', '10.0.0.2', '6.6.6.6, 10.0.0.1')).toEqual([401, 401, 429]);
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
