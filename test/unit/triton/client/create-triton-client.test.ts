import { once } from 'node:events';
import { createServer, type ServerHttp2Session } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { createTritonClient } from '../../../../triton/client/create-triton-client.ts';

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An HTTP/2 server that answers nothing, or every call with these trailers. */
async function openHttp2(trailers?: Record<string, string>) {
  const sessions: ServerHttp2Session[] = [];
  const headers: Record<string, unknown>[] = [];
  const server = createServer();
  server.on('session', session => sessions.push(session));
  server.on('stream', (stream, received) => {
    headers.push(received);
    stream.on('error', () => undefined);
    if (trailers !== undefined) {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  return { address: `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, sessions, headers };
}

describe('the Triton client', () => {
  it('opens one connection for all its calls, with the window it was given, and asks for no compression', async () => {
    const server = await openHttp2();
    const windowBytes = 5_000_000;
    const client = createTritonClient({ address: server.address, deadlineMs: 20_000, windowBytes });
    closers.push(() => client.close());
    const controller = new AbortController();
    const calls = Promise.allSettled(Array.from({ length: 8 }, () => client.serverLive({ signal: controller.signal })));
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise(resolve => setTimeout(resolve, 5));
    };
    await until(() => server.headers.length === 8);
    expect(server.sessions).toHaveLength(1);
    await until(() => server.sessions[0]?.remoteSettings.initialWindowSize === windowBytes);
    await until(() => (server.sessions[0]?.state.remoteWindowSize ?? 0) >= windowBytes);
    expect(server.headers.map(headers => headers['grpc-encoding'] ?? 'identity')).toEqual(Array(8).fill('identity'));
    controller.abort(new Error('enough'));
    for (const call of await calls) {
      expect(call).toMatchObject({ reason: { name: 'TritonError', code: 'CANCELLED', cause: { message: 'enough' } } });
    }
  });

  it('ends a call at its deadline, its own or the one of all calls', async () => {
    const server = await openHttp2();
    const client = createTritonClient({ address: server.address, deadlineMs: 30 });
    closers.push(() => client.close());
    const late = { name: 'TritonError', code: 'DEADLINE_EXCEEDED', model: 'm' };
    await expect(client.modelReady('m')).rejects.toMatchObject(late);
    await expect(client.modelReady('m', { deadlineMs: 10 })).rejects.toMatchObject(late);
  });

  it.each([
    ['5', 'no such model', 'NOT_FOUND', 'no such model'],
    ['8', '', 'RESOURCE_EXHAUSTED', 'the server answered RESOURCE_EXHAUSTED without a text'],
    ['99', 'beyond the list', 'UNKNOWN', 'beyond the list'],
  ])("gives the server's status %s and its text", async (status, text, code, message) => {
    const server = await openHttp2({ 'grpc-status': status, 'grpc-message': text });
    const client = createTritonClient({ address: server.address, deadlineMs: 20_000 });
    closers.push(() => client.close());
    const request = { model: 'm', id: 'r', inputs: [] };
    await expect(client.infer(request)).rejects.toMatchObject({
      name: 'TritonError',
      code,
      message,
      model: 'm',
      requestId: 'r',
    });
  });
});
