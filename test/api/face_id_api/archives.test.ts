import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fakeCard, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const ndjson = { 'content-type': 'application/x-ndjson' };

async function start(options: Parameters<typeof startApi>[0] = {}) {
  const api = await startApi(options);
  const { app } = api;
  return {
    ...api,
    exported: async (name = 'default') => (await app.inject(`/galleries/${name}/export`)).body,
    import: async (payload: string, name = 'default', headers: Record<string, string> = ndjson) =>
      app.inject({ method: 'POST', url: `/galleries/${name}/import`, payload, headers }),
  };
}

/** An archive with the lines changed; each is parsed. */
function change(archive: string, edit: (lines: Record<string, unknown>[]) => unknown[]): string {
  const lines = archive.trimEnd().split('\n');
  return edit(lines.map(line => JSON.parse(line) as Record<string, unknown>))
    .map(line => (typeof line === 'string' ? line : JSON.stringify(line)))
    .join('\n');
}

function withVector(line: Record<string, unknown> = {}, vector: string): object {
  const [first] = line.templates as object[];
  return { ...line, templates: [{ ...first, vector }] };
}

describe('GET /galleries/:name/export', () => {
  it('is lines of JSON: the model, everybody, and the end', async () => {
    const { app, enrol, exported } = await start();
    await enrol('ada', 1, 2);
    await enrol(7, 3);
    const reply = await app.inject('/galleries/default/export');
    expect(reply.headers['content-type']).toBe('application/x-ndjson');
    const [header, first, second, end, ...more] = (await exported())
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(header).toMatchObject({
      ...{ format: 'face-id gallery', version: 2, gallery: 'default', kind: 'face' },
      model: { name: 'fake_embedder', fingerprint: 'fp-fake', dimension: 8 },
    });
    expect([first.id, second.id]).toEqual([7, 'ada']);
    const vector = new Float32Array(new Uint8Array(Buffer.from(second.templates[1].vector, 'base64')).buffer);
    expect([...vector]).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
    expect(end).toEqual({ end: { identities: 2, templates: 3 } });
    expect(more).toEqual([]);
  });

  it('has an answer of its own where there is no such gallery', async () => {
    const { app } = await start();
    expect((await app.inject('/galleries/none/export')).json()).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  });
});

describe('POST /galleries/:name/import', () => {
  it('brings everybody back, and recognises them', async () => {
    const { enrol, exported, import: send, app, infer } = await start();
    await enrol('ada', 1, 2);
    await enrol(7, 3);
    const archive = await exported();
    await app.inject({ method: 'DELETE', url: '/identities?confirm=all' });
    expect((await infer(photo(2))).json().faces[0].id).toBeNull();
    const reply = await send(archive);
    expect(reply.json()).toEqual({ identities: 2, templates: 3, refused: [], refused_count: 0, complete: true });
    expect((await infer(photo(2))).json().faces[0].id).toBe('ada');
    const again = (await exported()).split('\n').slice(1);
    expect(again).toEqual(archive.split('\n').slice(1));
  });

  it('leaves out the lines that are at fault, naming them, and keeps the others', async () => {
    const { enrol, exported, import: send, app } = await start();
    await enrol('ada', 1);
    await enrol('bob', 2);
    await enrol('eve', 3);
    const broken = change(await exported(), ([header, ada, bob, eve, end]) => [
      header,
      '{"id":',
      { ...ada, id: 'a b' },
      withVector(ada, 'AAAA'),
      withVector(ada, Buffer.alloc(32).toString('base64')),
      { ...bob, metadata: { a: [] } },
      '',
      { ...eve, id: 'eve.2' },
      { ...bob, name: 'Bob' },
      end,
    ]);
    const reply = (await send(broken)).json();
    expect(reply.refused.map((one: { line: number; code: string }) => [one.line, one.code])).toEqual([
      [2, 'INVALID_REQUEST'],
      [3, 'INVALID_REQUEST'],
      [4, 'INVALID_REQUEST'],
      [5, 'INVALID_REQUEST'],
      [6, 'INVALID_REQUEST'],
      // A template of this line is eve's in this gallery.
      [8, 'TEMPLATE_EXISTS'],
    ]);
    expect(reply).toMatchObject({ identities: 1, templates: 1, refused_count: 6, complete: false });
    expect(JSON.stringify(reply)).not.toContain('a b');
    expect((await app.inject('/identities/bob')).json()).toMatchObject({ name: 'Bob', templates: 1 });
    expect((await app.inject('/identities/eve.2')).statusCode).toBe(404);
  });

  it('says when the archive was cut off', async () => {
    const { enrol, exported, import: send } = await start();
    await enrol('ada', 1);
    await enrol('bob', 2);
    const cut = change(await exported(), lines => lines.slice(0, 2));
    expect((await send(cut)).json()).toMatchObject({ identities: 1, complete: false });
  });

  it('takes the later of two lines of one id', async () => {
    const { enrol, exported, import: send, app } = await start();
    await enrol('ada', 1);
    const twice = change(await exported(), ([header, ada]) => [header, { ...ada, name: 'A' }, { ...ada, name: 'B' }]);
    expect((await send(twice)).json()).toMatchObject({ identities: 2, refused: [] });
    expect((await app.inject('/identities/ada')).json()).toMatchObject({ name: 'B', templates: 1 });
  });

  it("refuses another model's archive, and changes nothing", async () => {
    const other = await start({ card: fakeCard({ name: 'other', fingerprint: 'fp-other' }) });
    await other.enrol('ada', 1);
    const archive = await other.exported();
    for (const enrolled of [true, false]) {
      const { enrol, import: send, app } = await start();
      if (enrolled) await enrol('bob', 1);
      const before = (await app.inject('/identities')).body;
      expect((await send(archive)).json()).toMatchObject({ status: 409, code: 'MODEL_MISMATCH' });
      expect((await app.inject('/identities')).body).toBe(before);
    }
  });

  it('says so to a client that is still sending', async () => {
    const { app, enrol, exported } = await start();
    await enrol('ada', 1);
    const [header = '', ...rest] = (await exported()).split('\n');
    const other = header.replace('fp-fake', 'fp-other');
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    for (const more of [rest.join('\n'), 'x'.repeat(5_000_000)]) {
      const reply = await fetch(`http://127.0.0.1:${port}/galleries/default/import`, {
        ...{ method: 'POST', headers: ndjson, body: `${other}\n${more}` },
      });
      expect(await reply.json()).toMatchObject({ status: 409, code: 'MODEL_MISMATCH' });
    }
    // Nothing is left that would hold the end up.
    await app.close();
  });

  it.each([
    ['nothing', ''],
    ['no header', '{"id":1}'],
    ['no JSON', 'id;name'],
    ['bytes that are no text', '\u0000'],
  ])('refuses %s in place of an archive', async (_, payload) => {
    const { import: send } = await start();
    expect((await send(payload)).json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });

  it('refuses another kind of item, another content type, and a gallery that is not there', async () => {
    const { exported, import: send } = await start();
    const archive = await exported();
    const objects = change(archive, ([header]) => [{ ...header, kind: 'object' }]);
    expect((await send(objects)).json()).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await send('{}', 'default', { 'content-type': 'application/json' })).json()).toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
    expect((await send(archive, 'none')).json()).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  });
});

describe('imports at once', () => {
  it('are bounded: what is beyond is told to come again', async () => {
    const { app } = await startApi();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const send = () =>
      http.request({ port, host: '127.0.0.1', path: '/galleries/default/import', method: 'POST', headers: ndjson });
    const open = Array.from({ length: 4 }, send);
    let count = 0;
    const arrived = new Promise<void>(resolve => {
      app.server.on('request', () => {
        count += 1;
        if (count === open.length) resolve();
      });
    });
    for (const request of open) request.on('error', () => {}).write('{');
    await arrived;
    // The last of the requests has come, and its hooks have run with it.
    const last = send();
    last.end('{}');
    const [reply] = (await once(last, 'response')) as [http.IncomingMessage];
    expect([reply.resume().statusCode, reply.headers['retry-after']]).toEqual([503, '1']);
    for (const request of open) request.destroy();
  });
});

describe('a body that takes too long to arrive', () => {
  async function slowly(url: string, headers: Record<string, string>, pieces: string[], everyMs: number) {
    const { app } = await startApi({ limits: { deadlineMs: 400 } });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const request = http.request({ port, host: '127.0.0.1', path: url, method: 'POST', headers });
    const ended = once(request, 'response').then(
      ([response]: http.IncomingMessage[]) => response?.resume().statusCode,
      () => 'closed',
    );
    for (const piece of pieces) {
      request.write(piece);
      await new Promise(resolve => setTimeout(resolve, everyMs));
    }
    if (pieces.length > 1) request.end();
    return ended;
  }

  it('ends its connection', async () => {
    expect(await slowly('/infer', { 'content-type': 'application/json' }, ['{'], 0)).toBe('closed');
    expect(await slowly('/galleries/default/import', ndjson, ['{'], 0)).toBe('closed');
  });

  it('may take longer where it streams, as long as some of it comes', async () => {
    // Ten pieces of 100 ms each: more than the 400 ms that a request has elsewhere.
    const pieces = Array.from({ length: 10 }, () => ' ');
    expect(await slowly('/galleries/default/import', ndjson, pieces, 100)).toBe(400);
  });
});
