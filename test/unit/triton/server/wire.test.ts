import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GRPCInferenceService, ModelInferRequestSchema } from '../../../../proto/gen/grpc_service_pb.ts';
import { createTritonClient } from '../../../../triton/client/create-triton-client.ts';
import { unaryCall } from '../../../../triton/client/unary-call.ts';
import { grpcMethod } from '../../../../triton/grpc-definition.ts';
import { fixtureModels, writeRepository } from '../../../contract/triton/fixture-repository.ts';
import { type EmbeddedTriton, openEmbeddedTriton } from '../../../contract/triton/open-embedded-triton.ts';

const windowBytes = 4 * 1024 * 1024;

/** A TCP relay that can hold back what the server sends, and counts what comes from either side. */
async function openRelay(target: string) {
  const [host, port] = target.split(':');
  const held = { toClient: false };
  const passed = { toClient: 0, toServer: 0 };
  const sockets: Socket[] = [];
  const releases: (() => void)[] = [];
  const server: NetServer = createServer(client => {
    const upstream = connect(Number(port), host);
    sockets.push(client, upstream);
    for (const [from, to, way] of [
      [client, upstream, 'toServer'],
      [upstream, client, 'toClient'],
    ] as const) {
      const waiting: Buffer[] = [];
      from.on('data', chunk => {
        passed[way] += chunk.length;
        if (way === 'toClient' && held.toClient) waiting.push(chunk);
        else to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      releases.push(() => {
        for (const chunk of waiting.splice(0)) to.write(chunk);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    address: `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    held,
    passed,
    release() {
      held.toClient = false;
      for (const release of releases) release();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5));
}

describe("the embedded server's wire", () => {
  let repository: Awaited<ReturnType<typeof writeRepository>>;
  let triton: EmbeddedTriton;
  const closers: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    repository = await writeRepository(fixtureModels);
    triton = await openEmbeddedTriton(repository.directory, { windowBytes, maxMessageBytes: 8 * 1024 * 1024 });
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await triton.close();
    await repository.remove();
  });

  const pixels = (rows: number) => ({
    model: 'pixels',
    inputs: [
      { name: 'INPUT__0', datatype: 'UINT8' as const, shape: [rows, 3, 96, 96], data: new Uint8Array(rows * 27_648) },
    ],
  });

  it('offers the large window to streams and connections, and large frames', async () => {
    const session = connectHttp2(`http://${triton.address}`);
    closers.push(() => session.destroy());
    await until(() => session.remoteSettings.initialWindowSize === windowBytes);
    expect(session.remoteSettings.maxFrameSize).toBe(1024 * 1024);
    await until(() => (session.state.remoteWindowSize ?? 0) >= windowBytes);
  });

  it('takes a request of 800 KiB whole before the client has heard anything back', async () => {
    const relay = await openRelay(triton.address);
    const client = createTritonClient({ address: relay.address, deadlineMs: 20_000 });
    closers.push(
      () => relay.close(),
      () => client.close(),
    );
    await client.infer(pixels(1));
    // From here no WINDOW_UPDATE reaches the client: with the default window it would stop after 64 KiB.
    relay.held.toClient = true;
    const before = relay.passed.toServer;
    const answer = client.infer(pixels(30));
    await until(() => relay.passed.toServer - before > 30 * 27_648);
    relay.release();
    expect((await answer).outputs.get('OUTPUT__0')?.shape).toEqual([30, 3]);
  });

  it('refuses messages beyond its limit, either way', async () => {
    const client = createTritonClient({ address: triton.address, deadlineMs: 20_000 });
    const small = createTritonClient({ address: triton.address, deadlineMs: 20_000, maxMessageBytes: 10_000 });
    closers.push(
      () => client.close(),
      () => small.close(),
    );
    const data = new Uint8Array(9 * 1024 * 1024);
    const large = client.infer({
      model: 'int32',
      inputs: [{ name: 'IN', datatype: 'INT32', shape: [1, data.length / 4], data }],
    });
    await expect(large).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', model: 'int32' });
    await expect(small.infer(pixels(1))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  it.each(GRPCInferenceService.methods.map(method => method.name))(
    'has an answer of its own to the RPC %s',
    async name => {
      const method = GRPCInferenceService.methods.find(candidate => candidate.name === name);
      if (method === undefined) throw new Error(`no RPC ${name}`);
      const raw = new Client(triton.address, credentials.createInsecure());
      closers.push(() => raw.close());
      // What grpc-js says of a method without a handler.
      expect(await callWithNothing(raw, method)).not.toContain('does not implement the method');
    },
  );

  it('ends a call that its client has cancelled, or whose deadline has passed, and serves on', async () => {
    const client = createTritonClient({ address: triton.address, deadlineMs: 20_000 });
    closers.push(() => client.close());
    const controller = new AbortController();
    const cancelled = client.infer(pixels(1), { signal: controller.signal });
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED', model: 'pixels' });
    await expect(client.infer(pixels(1), { deadlineMs: 0 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect((await client.infer(pixels(2))).version).toBe('1');
  });

  it('says that nobody is there with UNAVAILABLE', async () => {
    const client = createTritonClient({ address: '127.0.0.1:1', deadlineMs: 20_000 });
    closers.push(() => client.close());
    await expect(client.serverLive()).rejects.toMatchObject({ name: 'TritonError', code: 'UNAVAILABLE' });
  });
});

/** What comes back for an empty request: `ok`, or the server's text. */
async function callWithNothing(raw: Client, method: (typeof GRPCInferenceService.methods)[number]): Promise<string> {
  if (method.methodKind === 'unary') {
    return unaryCall(raw, grpcMethod(method), create(method.input), { deadlineMs: 20_000 }).then(
      () => 'ok',
      error => error.message,
    );
  }
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  const call = raw.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  call.write(create(ModelInferRequestSchema));
  call.end();
  const [answer] = await once(call, 'data');
  await once(call, 'end');
  return answer.errorMessage;
}
