import { describe, expect, it } from 'vitest';
import { vectorOf } from '../../api/face_id_api/fake-deps.ts';
import { startApi } from '../../api/face_id_api/start-api.ts';

type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const json = { 'content-type': 'application/json' };

async function start() {
  const api = await startApi();
  const ask = async (method: Method, url: string, headers: Record<string, string>, payload: string | Buffer = '') => {
    const reply = await api.app.inject({ method, url, headers, payload });
    return { status: reply.statusCode, body: reply.json() };
  };
  const send = async (method: Method, url: string, body: unknown) =>
    (await ask(method, url, json, JSON.stringify(body))).body;
  return { ...api, ask, send };
}

const jsonRoutes: [Method, string][] = [
  ['POST', '/verify'],
  ['POST', '/generate'],
  ['PUT', '/identities/a'],
  ['PATCH', '/identities/a'],
  ['POST', '/identities/a/merge'],
  ['POST', '/identities/a/split'],
  ['POST', '/identities/a/templates'],
  ['POST', '/identities/a/templates/move'],
  ['PUT', '/galleries/new'],
  ['PUT', '/galleries/default/beside'],
  ['POST', '/galleries/default/switch'],
  ['POST', '/duplicates/dismiss'],
  ['POST', '/duplicates/restore'],
  ['POST', `/unknowns/clusters/${'0'.repeat(32)}/enrol`],
];

describe('a route that takes JSON', () => {
  it.each(jsonRoutes)('%s %s takes no other content type', async (method, url) => {
    const { ask } = await start();
    const types = ['image/jpeg', 'application/octet-stream', 'text/plain', 'multipart/form-data; boundary=x'];
    for (const type of types) {
      expect(await ask(method, url, { 'content-type': type }, 'x')).toMatchObject({
        status: 415,
        body: { code: 'UNSUPPORTED_MEDIA_TYPE', detail: 'Expected content type application/json' },
      });
    }
    const parameters = await ask(method, url, { 'content-type': 'Application/JSON; charset=utf-8' }, '[]');
    expect(parameters).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  it.each([...jsonRoutes, ['POST', '/infer'], ['POST', '/embeddings'], ['POST', '/identities/a/rejections']] as const)(
    '%s %s wants some',
    async (method, url) => {
      const { ask } = await start();
      expect(await ask(method, url, json)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    },
  );
});

it('a route without a body takes an empty one that is said to be JSON', async () => {
  const { ask, send, enrol } = await start();
  await enrol('a', 1);
  await send('PUT', '/galleries/other', {});
  for (const [method, url] of [
    ['POST', '/galleries/default/sweep'],
    ['DELETE', '/identities/a'],
    ['DELETE', '/identities?confirm=all'],
    ['DELETE', '/galleries/other?confirm=all'],
    ['DELETE', '/unknowns?confirm=all'],
  ] as const) {
    expect(await ask(method, url, json), url).toMatchObject({ status: 200 });
  }
  expect(await ask('DELETE', '/nothing', json)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  const broken = await ask('DELETE', '/identities?confirm=all', json, '{');
  expect(broken).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
});

describe('what is wrong has its place', () => {
  const given = '2026-01-01T00:00:00Z';
  const backwards = { purpose: 'door', given, expires: '2025-01-01T00:00:00Z' };
  const short = { embeddings: [[...vectorOf(1)], [1, 0]], fingerprint: 'fp-fake' };
  const templates = ['t'];

  it.each<[Method, string, object, string]>([
    ['PATCH', '/identities/a', { name: '\ud800' }, 'body.name'],
    ['PATCH', '/identities/a', { metadata: { team: '\ud800' } }, 'body.metadata.team'],
    ['PATCH', '/identities/a', { consent: { purpose: ' ', given, expires: null } }, 'body.consent.purpose'],
    ['PATCH', '/identities/a', { consent: backwards }, 'body.consent.expires'],
    ['PUT', '/identities/a', { ...short, embeddings: [[...vectorOf(1)]], consent: backwards }, 'body.consent.expires'],
    ['PUT', '/identities/a', short, 'body.embeddings.1'],
    ['POST', '/identities/a/templates', short, 'body.embeddings.1'],
    ['POST', '/identities/a/rejections', short, 'body.embeddings.1'],
    ['POST', '/identities/a/merge', { from: 'a' }, 'body.from'],
    ['POST', '/identities/a/split', { templates, id: 'a' }, 'body.id'],
    ['POST', '/identities/a/templates/move', { templates, to: 'a' }, 'body.to'],
    ['POST', '/duplicates/dismiss', { a: 'a', b: 'a' }, 'body.b'],
    ['POST', '/duplicates/restore', { a: 'a', b: 'a' }, 'body.b'],
  ])('%s %s %j: %s', async (method, url, body, path) => {
    const { send, enrol } = await start();
    await enrol('a', 1);
    const message = expect.stringMatching(/^expected /);
    const reply = await send(method, url, body);
    expect(reply).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path, message }] });
    expect(reply.issues).toHaveLength(1);
  });
});

it('a key that could reach a prototype is refused by name, not as broken JSON', async () => {
  const { ask } = await start();
  for (const body of ['{"id":1,"__proto__":{"x":1}}', '{"id":1,"a":{"constructor":{"prototype":{}}}}']) {
    for (const url of ['/generate', '/infer', '/duplicates/dismiss']) {
      expect(await ask('POST', url, json, body)).toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST', detail: expect.stringMatching(/__proto__.*constructor/) },
      });
    }
  }
  expect(await ask('POST', '/generate', json, '{"__proto__":')).toMatchObject({
    body: { code: 'INVALID_REQUEST', detail: 'The body is not valid JSON' },
  });
});
