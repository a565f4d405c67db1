import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFaceIdClient } from '../../../../face_id_api/client/index.ts';

type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

const overloaded: Answer = { status: 503, body: { code: 'OVERLOADED', detail: 'busy' } };
const dependencyDown: Answer = { status: 503, body: { code: 'DEPENDENCY_DOWN', detail: 'down' } };
const limited: Answer = { status: 429, body: { code: 'RATE_LIMITED', detail: 'too many' } };
const found: Answer = { status: 200, body: { faces: [], galleries: [], id: 1, enrolled: 1, templates: 1 } };
const photo = new Uint8Array([1, 2, 3]);

/** A service that gives these answers one after another, the last for ever, and remembers the requests. */
async function serve(...answers: (Answer | 'silence')[]) {
  const requests: { readonly call: string; readonly body: string; readonly headers: http.IncomingHttpHeaders }[] = [];
  const server = http.createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString('latin1');
    requests.push({ call: `${request.method} ${request.url?.split('?')[0]}`, body, headers: request.headers });
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    if (answer === undefined || answer === 'silence') return;
    const type = answer.status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(answer.status, { 'content-type': type, ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, client: createFaceIdClient({ url, apiKey: 'k', retries: 2, random: () => 0 }) };
}

describe('the repetitions of the SDK', () => {
  it.each([
    ['429', limited],
    ['503 OVERLOADED', overloaded],
    ['503', dependencyDown],
  ] as const)('asks again after %s what only reads, with the same body and key', async (_, answer) => {
    const { client, requests } = await serve(answer, answer, found);
    await client.infer(photo);
    expect(requests.map(({ call, body, headers }) => [call, body, headers['x-api-key']])).toEqual(
      Array(3).fill(['POST /infer', '\u0001\u0002\u0003', 'k']),
    );
  });

  it('asks again what was not begun, whatever it is', async () => {
    const { client, requests } = await serve(limited, overloaded, found);
    await client.enrol({ id: 1, images: [photo] }, { mode: 'append' });
    expect(requests).toHaveLength(3);
    expect(requests[2]).toMatchObject({ call: 'POST /generate', body: requests[0]?.body });
  });

  it.each([
    ['enrolment', (client: Client) => client.enrol({ id: 1, images: [photo] })],
    ['merging', (client: Client) => client.identities.merge(1, 2)],
    ['erasing', (client: Client) => client.identities.delete(1)],
  ])('leaves %s alone that may have been done', async (_, call) => {
    const { client, requests } = await serve(dependencyDown, found);
    await expect(call(client)).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN', status: 503 });
    expect(requests).toHaveLength(1);
  });

  it('sends an archive once: a stream has been read', async () => {
    const { client, requests } = await serve(overloaded, found);
    await expect(client.galleries.import('default', 'line\n')).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(requests).toHaveLength(1);
  });

  it('gives up in the end, with the last answer', async () => {
    const { client, requests } = await serve(overloaded);
    await expect(client.models()).rejects.toMatchObject({ code: 'OVERLOADED', message: 'busy' });
    expect(requests).toHaveLength(3);
  });

  it('waits as long as Retry-After says', async () => {
    const { client, requests } = await serve({ ...limited, headers: { 'retry-after': '1' } }, found);
    const begun = performance.now();
    await client.galleries.list();
    expect(performance.now() - begun).toBeGreaterThan(950);
    expect(requests).toHaveLength(2);
  });

  it('does not wait for a service that wants more than a minute', async () => {
    const { client, requests } = await serve({ ...limited, headers: { 'retry-after': '3600' } }, found);
    await expect(client.galleries.list()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 3_600_000 });
    expect(requests).toHaveLength(1);
  });

  it('asks nothing again after another error', async () => {
    const { client, requests } = await serve({ status: 500, body: { code: 'INTERNAL', detail: 'failed' } }, found);
    await expect(client.galleries.list()).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(requests).toHaveLength(1);
  });
});

describe('the deadlines of the SDK', () => {
  it('ends an attempt that is not answered in time', async () => {
    const { url } = await serve('silence');
    const client = createFaceIdClient({ url, timeoutMs: 50 });
    await expect(client.galleries.list()).rejects.toMatchObject({ code: 'TIMEOUT', status: null });
  });

  it("rejects with the caller's reason when the caller gives up, of one call or of all, while it waits too", async () => {
    const reason = new Error('enough');
    const { url } = await serve({ ...limited, headers: { 'retry-after': '30' } });
    const given = createFaceIdClient({ url });
    await expect(given.galleries.list({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const waiting = createFaceIdClient({ url, signal: abort.signal, random: () => 0 }).galleries.list();
    setTimeout(() => abort.abort(reason), 50);
    await expect(waiting).rejects.toBe(reason);
  });

  it('says where nothing answers, and why', async () => {
    const { url, client } = await serve(found);
    await client.galleries.list();
    const nobody = createFaceIdClient({ url: 'http://127.0.0.1:1' });
    await expect(nobody.galleries.list()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 does not answer: /),
    });
    expect(url).not.toContain(':1/');
  });
});

describe('an answer that is not face-id’s', () => {
  it.each([
    ['a page', { status: 200, body: '<html>' }],
    ['an error without a code', { status: 502, body: 'bad gateway' }],
    ['nothing', { status: 200, body: '' }],
  ])('is said to be none: %s', async (_, answer) => {
    const { client } = await serve(answer);
    await expect(client.galleries.list()).rejects.toMatchObject({ code: 'UNEXPECTED_REPLY' });
  });

  it('is not followed elsewhere, with the key', async () => {
    const other = await serve(found);
    const { client } = await serve({ status: 302, headers: { location: `${other.url}/galleries` } });
    await expect(client.galleries.list()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(other.requests).toEqual([]);
  });

  it('is an archive that was cut off', async () => {
    const headers = { 'content-type': 'application/x-ndjson' };
    for (const body of ['{"format":"face-id gallery"}\n', '{"format":"face-id gallery"}\n{"id']) {
      const { client } = await serve({ status: 200, body, headers });
      await expect(Array.fromAsync(client.galleries.export('default'))).rejects.toMatchObject({
        code: 'UNEXPECTED_REPLY',
      });
    }
  });
});

type Client = ReturnType<typeof createFaceIdClient>;
