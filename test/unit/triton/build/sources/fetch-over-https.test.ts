import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchOverHttps } from '../../../../../triton/build/sources/fetch-over-https.ts';

const place = { kind: 'https', repository: 'owner/repo', commit: 'c0ffee', folder: 'data' } as const;

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function get(baseUrl: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const { timeoutMs = 10_000, signal = new AbortController().signal } = options;
  const files = [{ name: 'a.bin', bytes: 10, sha256: null }];
  return fetchOverHttps({ baseUrl, timeoutMs }, place, { files, signal, onBytes: () => {} });
}

describe('a repository over HTTP', () => {
  it('delivers the file at owner/repo/commit/folder/name', async () => {
    const baseUrl = await serve((request, response) => response.end(request.url?.slice(-10)));
    const outcome = await get(baseUrl);
    expect(outcome.ok && new TextDecoder().decode(outcome.files.get('a.bin'))).toBe('data/a.bin');
  });

  it('delivers a file of a release', async () => {
    const baseUrl = await serve((request, response) => response.end(request.url));
    const files = [{ name: 'a.pt', bytes: 100, sha256: null }];
    const release = { kind: 'release', repository: 'owner/repo', tag: 'v1.2' } as const;
    const request = { files, signal: new AbortController().signal, onBytes: () => {} };
    const outcome = await fetchOverHttps({ baseUrl, timeoutMs: 10_000 }, release, request);
    const expected = '/owner/repo/releases/download/v1.2/a.pt';
    expect(outcome.ok && new TextDecoder().decode(outcome.files.get('a.pt'))).toBe(expected);
  });

  it('names the address and the status when there is no such file', async () => {
    const baseUrl = await serve((_, response) => response.writeHead(404).end());
    expect(await get(baseUrl)).toMatchObject({
      ok: false,
      reason: `${baseUrl}/owner/repo/c0ffee/data/a.bin: expected status 200, got 404`,
    });
  });

  it('stops reading when more arrives than was published, whatever the headers say', async () => {
    const baseUrl = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(8)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(await get(baseUrl)).toMatchObject({ ok: false, reason: expect.stringContaining('at most 10 bytes') });
  });

  it('gives up on an answer that does not end', async () => {
    const baseUrl = await serve((_, response) => void response.write('x'));
    expect(await get(baseUrl, { timeoutMs: 50 })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no complete answer within 50 ms'),
    });
  });

  it('reports an answer that breaks off', async () => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('xxx', () => response.destroy());
    });
    expect(await get(baseUrl)).toMatchObject({ ok: false });
  });

  it('follows a redirect, but not for ever', async () => {
    const once = await serve((request, response) => {
      if (request.url === '/elsewhere') response.end('moved');
      else response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await get(once)).toMatchObject({ ok: true });
    const circle = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    expect(await get(circle)).toMatchObject({ ok: false, reason: expect.stringContaining('at most 3 redirects') });
  });

  it('refuses a redirect to another protocol', async () => {
    const baseUrl = await serve((_, response) => response.writeHead(302, { location: 'ftp://elsewhere/a.bin' }).end());
    expect(await get(baseUrl)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('refused a redirect to ftp:'),
    });
  });

  it('says what to do when nobody answers', async () => {
    const server = await serve(() => {});
    const nobody = server.replace(/\d+$/, '1');
    expect(await get(nobody)).toMatchObject({ ok: false, remedy: expect.stringContaining('connection') });
  });

  it('rejects with the caller’s reason when the caller gives up', async () => {
    const controller = new AbortController();
    const baseUrl = await serve(() => controller.abort(new Error('enough')));
    await expect(get(baseUrl, { signal: controller.signal })).rejects.toThrow('enough');
  });
});
