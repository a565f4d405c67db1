import { once } from 'node:events';
import { Agent, request as ask, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ModelInferRequest, ModelInferResponse } from '../../../../../proto/gen/grpc_service_pb.ts';
import { createByteBudget } from '../../../../../triton/server/byte-budget.ts';
import { type HttpServerOptions, serveHttp } from '../../../../../triton/server/http/http-server.ts';
import type { BoundHttp } from '../../../../../triton/server/listen-http.ts';
import { answerWith, fakeCore } from './fake-core.ts';

const maxBodyBytes = 10_000;
const inferPath = '/v2/models/model/infer';
const inferBody = (more: object = {}): string =>
  JSON.stringify({ inputs: [{ name: 'IN', datatype: 'UINT8', shape: [1], data: [7] }], ...more });

describe("the HTTP port's connections", () => {
  const closers: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  type Infer = (request: ModelInferRequest, signal: AbortSignal) => Promise<ModelInferResponse>;

  async function open(infer: Infer, options: Partial<HttpServerOptions> = {}): Promise<BoundHttp> {
    const server = await serveHttp(fakeCore(infer), {
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes,
      budget: createByteBudget(1_000_000),
      stalledMs: 20_000,
      onFailure: () => {},
      ...options,
    });
    closers.push(() => server.close());
    return server;
  }

  async function post({ port }: BoundHttp, body: string, more: { headers?: object; agent?: Agent } = {}) {
    const headers = { ...(more.headers ?? { 'content-length': Buffer.byteLength(body) }) };
    const sent = ask({ port, path: inferPath, method: 'POST', agent: more.agent, headers });
    sent.end(body);
    const [reply]: [IncomingMessage] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: reply.statusCode, connection: reply.headers.connection, body: await text(reply) };
  }

  function openSocket({ port }: BoundHttp): Socket {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    closers.push(() => void socket.destroy());
    return socket;
  }

  const answer: Infer = async request => answerWith(Uint8Array.of(1), request);

  it('refuses a body that is too large, by its length or as it comes, and goes on with the connection', async () => {
    const server = await open(answer);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closers.push(() => agent.destroy());
    const large = inferBody({ id: 'x'.repeat(maxBodyBytes) });
    const told = {
      status: 413,
      body: JSON.stringify({ error: `request body: expected at most 10000 bytes, got ${large.length}` }),
    };
    expect(await post(server, large, { agent })).toMatchObject(told);
    const chunked = { 'transfer-encoding': 'chunked' };
    expect(await post(server, large, { agent, headers: chunked })).toMatchObject({ status: 413 });
    expect(await post(server, inferBody(), { agent })).toMatchObject({ status: 200 });
  });

  it('refuses what exceeds the bytes that it may hold for all, and takes it when others are done', async () => {
    const budget = createByteBudget(1000);
    const server = await open(answer, { budget });
    const slow = openSocket(server);
    const first = inferBody({ padding: 'x'.repeat(700) });
    slow.resume().write(`POST ${inferPath} HTTP/1.1\r\nContent-Length: ${first.length}\r\n\r\n{`);
    await expect.poll(() => budget.used()).toBe(first.length);
    const second = inferBody({ padding: 'x'.repeat(300) });
    expect(await post(server, second)).toMatchObject({ status: 503, body: expect.stringContaining('try again later') });
    slow.destroy();
    await expect.poll(() => budget.used()).toBe(0);
    expect(await post(server, second)).toMatchObject({ status: 200 });
    await expect.poll(() => budget.used()).toBe(0);
  });

  it("leaves it to a model's queue to count the requests in it", async () => {
    const budget = createByteBudget(1000);
    const used: number[] = [];
    const infer: Infer = async (request, signal) => {
      used.push(budget.used());
      return answer(request, signal);
    };
    expect(await post(await open(infer, { budget }), inferBody())).toMatchObject({ status: 200 });
    expect(used).toEqual([0]);
  });

  it('counts what a compressed body may become before it decompresses it', async () => {
    const infer = vi.fn(answer);
    const budget = createByteBudget(5000);
    const server = await open(infer, { budget });
    // Any body may be held where there is nothing else, so there is something.
    openSocket(server).write(`POST ${inferPath} HTTP/1.1\r\nContent-Length: 10\r\n\r\n`);
    await expect.poll(() => budget.used()).toBe(10);
    const reply = await post(server, 'x'.repeat(50), { headers: { 'content-encoding': 'gzip' } });
    expect(reply).toMatchObject({ status: 503 });
    expect(infer).not.toHaveBeenCalled();
  });

  it('drops the request of a client that closes its connection', async () => {
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<AbortSignal>();
    const server = await open((_request, signal) => {
      onAsked(signal);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const socket = openSocket(server);
    socket.write(`POST ${inferPath} HTTP/1.1\r\nContent-Length: ${inferBody().length}\r\n\r\n${inferBody()}`);
    const signal = await asked;
    expect(signal.aborted).toBe(false);
    socket.destroy();
    if (!signal.aborted) await once(signal, 'abort');
    expect(signal.reason).toMatchObject({ name: 'StatusError', code: 'CANCELLED' });
  });

  it('cuts off a client that stops in the middle of its request', async () => {
    const budget = createByteBudget(1_000_000);
    const server = await open(answer, { stalledMs: 50, budget });
    const socket = openSocket(server);
    socket.resume().write(`POST ${inferPath} HTTP/1.1\r\nContent-Length: 9000\r\n\r\n{"inputs":`);
    await once(socket, 'close');
    await expect.poll(() => budget.used()).toBe(0);
  });

  it('cuts off a client that does not read its answer', async () => {
    const budget = createByteBudget(100_000_000);
    const data = new Uint8Array(50_000_000);
    const server = await open(async request => answerWith(data, request), { stalledMs: 50, budget });
    const body = inferBody({ parameters: { binary_data_output: true } });
    const socket = openSocket(server);
    socket.pause().write(`POST ${inferPath} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await expect.poll(() => budget.used()).toBeGreaterThan(data.length);
    await expect.poll(() => budget.used(), { timeout: 20_000 }).toBe(0);
  });

  it('gives a model the time that it takes, however soon a silent client would be cut off', async () => {
    const { promise: mayAnswer, resolve: letAnswer } = Promise.withResolvers<void>();
    const server = await open(
      async request => {
        await mayAnswer;
        return answerWith(Uint8Array.of(1), request);
      },
      { stalledMs: 20 },
    );
    const slow = post(server, inferBody());
    // Another client is cut off meanwhile, so that time has passed for the first as well.
    const stalled = openSocket(server);
    stalled.resume().write(`POST ${inferPath} HTTP/1.1\r\nContent-Length: 9000\r\n\r\n{`);
    await once(stalled, 'close');
    letAnswer();
    expect(await slow).toMatchObject({ status: 200 });
  });

  it('tells a client of a failure only that there was one', async () => {
    const onFailure = vi.fn();
    const failure = new TypeError('the secret of somebody');
    const server = await open(() => Promise.reject(failure), { onFailure });
    const told = JSON.stringify({ error: 'the server failed, see its log' });
    expect(await post(server, inferBody())).toMatchObject({ status: 500, body: told });
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('POST'), failure);
  });

  it('answers what is under way when it closes, and ends the connection with it', async () => {
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: mayAnswer, resolve: letAnswer } = Promise.withResolvers<void>();
    const server = await open(async request => {
      onAsked();
      await mayAnswer;
      return answerWith(Uint8Array.of(1), request);
    });
    const agent = new Agent({ keepAlive: true });
    closers.push(() => agent.destroy());
    const running = post(server, inferBody(), { agent });
    await asked;
    const closed = server.close(60_000);
    letAnswer();
    expect(await running).toMatchObject({ status: 200, connection: 'close' });
    await closed;
    await expect(post(server, inferBody())).rejects.toThrow('ECONNREFUSED');
  });

  it('says which port is taken, and what to do about it', async () => {
    const { port } = await open(answer);
    await expect(open(answer, { port })).rejects.toThrow(
      new RegExp(`^Triton's HTTP port 127.0.0.1:${port} cannot be bound: .*EADDRINUSE.*Set triton.http_port`),
    );
  });
});
