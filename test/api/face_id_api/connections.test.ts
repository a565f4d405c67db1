import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildApiApp } from '../../../face_id_api/app.ts';
import { base64, fakeDeps, fakeFinder, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

async function listen(app: FastifyInstance): Promise<() => Socket> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return () => {
    const socket = connect(port, '127.0.0.1');
    // What the service cuts off is an error to whoever still writes.
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
}

/** What the service said before it closed, or reset, the connection. */
function untilClosed(socket: Socket): Promise<string> {
  let heard = '';
  socket.on('data', chunk => {
    heard += chunk;
  });
  // `once` would reject with the error of a reset.
  return new Promise(resolve => socket.once('close', () => resolve(heard)));
}

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const post = (url: string, body: string): string =>
  `POST ${url} HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const imageBody = JSON.stringify({ image: base64(photo(1)) });

/** A finder that waits until it is told; `asked` waits until it has been asked so many times. */
function heldFinder() {
  let count = 0;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const plain = fakeFinder();
  const finder = fakeFinder({
    find: async (...args) => {
      count += 1;
      await released;
      return plain.find(...args);
    },
  });
  const asked = async (times: number): Promise<void> => {
    while (count < times) await wait(5);
  };
  return { finder, asked, release };
}

describe('a slow client', () => {
  it('whose head does not come is cut off, also when it comes a byte at a time', async () => {
    const { app } = await startApi({ limits: { headTimeoutMs: 300 } });
    const open = await listen(app);
    const [silent, trickling] = [open(), open()];
    silent.write('GET /healthz HTTP/1.1\r\nHost: local');
    trickling.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nx-a: ');
    const drip = setInterval(() => trickling.write('a'), 20);
    onTestFinished(() => clearInterval(drip));
    const [toSilent, toTrickling] = await Promise.all([untilClosed(silent), untilClosed(trickling)]);
    expect(toSilent).toMatch(/^HTTP\/1\.1 408 /);
    // Bytes that come once the connection is closed reset it, which may take the answer away.
    expect(toTrickling).toMatch(/^(HTTP\/1\.1 408 |$)/);
    // Whoever is quick is served.
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('that connects and says nothing is cut off', async () => {
    const { app } = await startApi({ limits: { idleTimeoutMs: 200 } });
    const socket = (await listen(app))();
    await once(socket, 'connect');
    expect(await untilClosed(socket)).toBe('');
  });

  it('that hears nothing for too long is let go, whatever goes on', async () => {
    const { finder, asked } = heldFinder();
    const { app } = await startApi({ finder, limits: { idleTimeoutMs: 300 } });
    const socket = (await listen(app))();
    socket.write(post('/infer', imageBody));
    await asked(1);
    expect(await untilClosed(socket)).toBe('');
  });
});

describe('the end of the service', () => {
  it('finishes what has begun, enrolment too, and ends each connection with its reply', async () => {
    const { finder, asked, release } = heldFinder();
    const { app, deps } = await startApi({ finder });
    const open = await listen(app);
    const [infer, generate] = [open(), open()];
    infer.write(post('/infer', imageBody));
    generate.write(post('/generate', JSON.stringify({ id: 1, images: [{ image: base64(photo(1)) }] })));
    await asked(2);
    const answers = Promise.all([text(infer), text(generate)]);
    const closed = app.close();
    while (app.server.listening) await wait(5);
    release();
    for (const answer of await answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    }
    await closed;
    expect(await deps.store.gallery('default').get(1)).toMatchObject({ templates: 1 });
  });

  it('ends a connection whose reply had begun before, once that is complete', async () => {
    const deps = fakeDeps();
    const app = await buildApiApp(deps);
    onTestFinished(() => deps.store.close());
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    async function* pieces(): AsyncGenerator<string> {
      yield 'first';
      await released;
      yield 'last';
    }
    const options = { config: { scope: 'open' as const } };
    app.get('/pieces', options, async (_, reply) => reply.send(Readable.from(pieces(), { objectMode: false })));
    const socket = (await listen(app))();
    let answer = '';
    socket.on('data', chunk => {
      answer += chunk;
    });
    socket.write(get('/pieces'));
    while (!answer.includes('first')) await wait(5);
    const closed = app.close();
    while (app.server.listening) await wait(5);
    release();
    await closed;
    expect(answer).toMatch(/connection: keep-alive[\s\S]*first[\s\S]*last/i);
  });

  it('refuses what comes on an open connection, and takes no new ones', async () => {
    const { finder, asked, release } = heldFinder();
    const { app } = await startApi({ finder });
    const open = await listen(app);
    const [begun, late] = [open(), open()];
    const [head, rest] = [get('/identities').slice(0, 20), get('/identities').slice(20)];
    late.write(head);
    begun.write(post('/infer', imageBody));
    await asked(1);
    // What it writes has arrived when another connection's later bytes have been answered.
    const probe = open();
    probe.end(get('/healthz'));
    expect(await text(probe)).toMatch(/^HTTP\/1\.1 200 /);
    const closed = app.close();
    while (app.server.listening) await wait(5);
    late.write(rest);
    const refused = await text(late);
    expect(refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"code":"SHUTTING_DOWN"/i);
    expect(refused).toMatch(/\r\nretry-after: 5\r\n/i);
    const tooLate = open();
    expect(await once(tooLate, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
    const answer = text(begun);
    release();
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
  });
});

describe('a photo that is too large', () => {
  const head = (length: string) =>
    `POST /infer HTTP/1.1\r\nHost: localhost\r\ncontent-type: image/jpeg\r\n${length}\r\n\r\n`;
  const size = 22_000_000;

  it.each([
    ['announced', head(`content-length: ${size}`), 'x'.repeat(size)],
    ['in chunks', head('transfer-encoding: chunked'), `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`],
  ])('is heard out, so that its client reads the answer and the connection goes on: %s', async (_, start, body) => {
    const { app } = await startApi();
    const socket = (await listen(app))();
    let heard = '';
    socket.on('data', chunk => {
      heard += chunk;
    });
    socket.write(start);
    // In parts, which arrive while the answer is under way.
    for (let at = 0; at < body.length; at += 1 << 20) {
      socket.write(body.slice(at, at + (1 << 20)));
      await wait(1);
    }
    socket.write(get('/healthz'));
    await expect.poll(() => heard.match(/HTTP\/1.1 \d+/g), { timeout: 5000 }).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
    expect(heard).toContain('"code":"TOO_LARGE"');
  });
});
