import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { create } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ModelInferRequestSchema } from '../../../../proto/gen/grpc_service_pb.ts';
import { createTritonClient } from '../../../../triton/client/create-triton-client.ts';
import type { InferResult, TritonClient } from '../../../../triton/client/triton-client.ts';
import { unaryCall } from '../../../../triton/client/unary-call.ts';
import { encodeInferRequest, modelInferMethod } from '../../../../triton/model-infer-method.ts';
import { maxInFlight } from '../../../../triton/server/grpc-stream-infer.ts';
import type { TritonServerOptions } from '../../../../triton/server/triton-server.ts';
import { fixtureModels, writeRepository } from '../../../contract/triton/fixture-repository.ts';
import { type EmbeddedTriton, openEmbeddedTriton } from '../../../contract/triton/open-embedded-triton.ts';

/** A request whose answer has as many bytes as its tensor. */
const numbers = (bytes: number) => ({
  model: 'int32',
  inputs: [{ name: 'IN', datatype: 'INT32' as const, shape: [1, bytes / 4], data: new Uint8Array(bytes) }],
});

function numbersMessage(bytes: number): Buffer {
  const message = encodeInferRequest(
    create(ModelInferRequestSchema, {
      modelName: 'int32',
      inputs: [{ name: 'IN', datatype: 'INT32', shape: [1n, BigInt(bytes / 4)] }],
      rawInputContents: [new Uint8Array(bytes)],
    }),
  );
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 5));
}

describe('what clients can make the embedded server hold', () => {
  let repository: Awaited<ReturnType<typeof writeRepository>>;
  const closers: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    const { int32 } = fixtureModels;
    repository = await writeRepository({ int32 });
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(() => repository.remove());

  async function open(
    options: Partial<TritonServerOptions>,
  ): Promise<{ triton: EmbeddedTriton; client: TritonClient }> {
    const triton = await openEmbeddedTriton(repository.directory, { threads: 1, ...options });
    const client = createTritonClient({ address: triton.address, deadlineMs: 20_000 });
    closers.push(
      () => triton.close(),
      () => client.close(),
    );
    return { triton, client };
  }

  function openSession(address: string, settings = {}): ClientHttp2Session {
    const session = connect(`http://${address}`, { settings });
    session.on('error', () => {});
    closers.push(() => session.destroy());
    return session;
  }

  function call(session: ClientHttp2Session, path = '/inference.GRPCInferenceService/ModelInfer'): ClientHttp2Stream {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    return stream;
  }

  const outcome = (answer: Promise<InferResult>): Promise<string> =>
    answer.then(
      () => 'ok',
      error => `${error.code} ${error.message}`,
    );
  const full = 'UNAVAILABLE [request id: <id_unknown>] Exceeds maximum queue size';

  it('is bounded in bytes of requests that are only partly here', async () => {
    const { triton, client } = await open({ maxHeldBytes: 100_000 });
    const session = openSession(triton.address);
    const half = call(session);
    half.write(numbersMessage(90_000).subarray(0, 40_000));
    await until(async () => (await outcome(client.infer(numbers(20_000)))) === full);
    // Small ones still fit beside it, and its own rest arrives.
    expect(await outcome(client.infer(numbers(4000)))).toBe('ok');
    half.end(numbersMessage(90_000).subarray(40_000));
    const [headers] = await once(half, 'response');
    expect(headers['grpc-status']).toBeUndefined();
    half.resume();
    await once(half, 'close');
    await until(async () => (await outcome(client.infer(numbers(60_000)))) === 'ok');
  });

  it('is bounded in bytes of requests that are whole, but not said to be', async () => {
    const { triton, client } = await open({ maxHeldBytes: 100_000, stalledMs: 300 });
    const session = openSession(triton.address);
    const unended = call(session);
    unended.write(numbersMessage(90_000));
    await until(async () => (await outcome(client.infer(numbers(20_000)))) === full);
    // Nothing comes any more: the call is ended, and what it held comes free.
    await once(unended, 'close');
    await until(async () => (await outcome(client.infer(numbers(60_000)))) === 'ok');
  });

  it('comes free when a client leaves in the middle of its request', async () => {
    const { triton, client } = await open({ maxHeldBytes: 50_000 });
    const leaving = openSession(triton.address);
    call(leaving).write(numbersMessage(40_000).subarray(0, 20_000));
    await until(async () => (await outcome(client.infer(numbers(20_000)))) === full);
    leaving.destroy();
    await until(async () => (await outcome(client.infer(numbers(20_000)))) === 'ok');
  });

  it('is bounded in bytes of answers that their client does not read', async () => {
    const { triton, client } = await open({ maxHeldBytes: 100_000 });
    const session = openSession(triton.address, { initialWindowSize: 0 });
    for (let i = 0; i < 2; i++) call(session).end(numbersMessage(40_000));
    const outcomes: string[] = [];
    await until(
      async () => outcomes.push(await outcome(client.infer(numbers(24_000)))) > 0 && outcomes.at(-1) !== 'ok',
    );
    expect(outcomes.at(-1)).toMatch(/^UNAVAILABLE .*(nobody has read|maximum queue size)/);
    session.destroy();
    await until(async () => (await outcome(client.infer(numbers(24_000)))) === 'ok');
  });

  it('comes free when a client stops in the middle of sending, or does not read', async () => {
    const { triton, client } = await open({ stalledMs: 50 });
    const session = openSession(triton.address, { initialWindowSize: 0 });
    const [stopping, unread] = [call(session), call(session)];
    stopping.write(numbersMessage(4000).subarray(0, 2000));
    unread.end(numbersMessage(4000));
    await until(() => stopping.closed && unread.closed);
    expect([stopping.rstCode, unread.rstCode]).toEqual([constants.NGHTTP2_CANCEL, constants.NGHTTP2_CANCEL]);
    expect(await outcome(client.infer(numbers(4000)))).toBe('ok');
  });

  it('is bounded in bytes that wait in streams whose answers nobody reads', async () => {
    const { triton, client } = await open({ maxHeldBytes: 500_000 });
    const session = openSession(triton.address, { initialWindowSize: 0 });
    const stream = call(session, '/inference.GRPCInferenceService/ModelStreamInfer');
    // So many requests that the server stops to read, and more than it may hold behind them.
    for (let i = 0; i < 2 * maxInFlight; i++) stream.write(numbersMessage(4));
    for (let i = 0; i < 100; i++) stream.write(numbersMessage(10_000));
    await until(() => stream.closed);
    expect(stream.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(await outcome(client.infer(numbers(24_000)))).toBe('ok');
  });

  it('counts a compressed message as what it may become', async () => {
    const { triton } = await open({ maxHeldBytes: 1_000_000 });
    const options = { 'grpc.default_compression_algorithm': 2 };
    const raw = new Client(triton.address, credentials.createInsecure(), options);
    closers.push(() => raw.close());
    const hold = call(openSession(triton.address));
    hold.write(numbersMessage(1000).subarray(0, 500));
    const ask = (bytes: number): Promise<string> => {
      const { inputs } = numbers(bytes);
      const request = create(ModelInferRequestSchema, {
        modelName: 'int32',
        inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) })),
        rawInputContents: inputs.map(({ data }) => data),
      });
      return outcome(
        unaryCall(raw, modelInferMethod, request, { deadlineMs: 20_000 }) as unknown as Promise<InferResult>,
      );
    };
    await until(async () => (await ask(4_000_000)) === full);
    expect(await ask(4000)).toBe('ok');
  });

  it('is bounded in calls, over all connections', async () => {
    const { triton, client } = await open({ maxCalls: 2 });
    const held = [1, 2].map(() => {
      const stream = call(openSession(triton.address));
      stream.write(Buffer.of(0));
      return stream;
    });
    await until(async () => (await outcome(client.infer(numbers(4)))) === full);
    const unknown = call(openSession(triton.address), '/no.Service/NoMethod');
    const [headers] = await once(unknown, 'response');
    expect(headers['grpc-status']).toBe('12');
    for (const stream of held) stream.close();
    await until(async () => (await outcome(client.infer(numbers(4)))) === 'ok');
  });
});
