import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { buildApiApp } from '../../../face_id_api/app.ts';
import { scopes } from '../../../face_id_api/core/scope.ts';
import { createLogLines } from '../log-lines.ts';
import { fakeDeps } from './fake-deps.ts';
import { issuedKeys } from './issued-keys.ts';
import { startApi } from './start-api.ts';

const issued = issuedKeys();
const { keys } = issued;
const withKeys = { access: { keys } };
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
  'GET /identities/:id/export': 'admin',
  'POST /galleries/:name/sweep': 'erase',
  'GET /galleries/:name/beside': 'admin',
  'PUT /galleries/:name/beside': 'admin',
  'POST /galleries/:name/switch': 'admin',
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
