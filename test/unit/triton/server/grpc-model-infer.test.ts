import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { create, fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelInferRequestSchema, ModelInferResponseSchema } from '../../../../proto/gen/grpc_service_pb.ts';
import { encodeInferRequest } from '../../../../triton/model-infer-method.ts';
import { fixtureModels, writeRepository } from '../../../contract/triton/fixture-repository.ts';
import { type EmbeddedTriton, openEmbeddedTriton } from '../../../contract/triton/open-embedded-triton.ts';

const maxMessageBytes = 1024 * 1024;

function requestOf(values: readonly number[]): Uint8Array {
  return encodeInferRequest(
    create(ModelInferRequestSchema, {
      modelName: 'int32',
      id: 'mine',
      inputs: [{ name: 'IN', datatype: 'INT32', shape: [1n, BigInt(values.length)] }],
      rawInputContents: [new Uint8Array(Int32Array.from(values).buffer)],
    }),
  );
}

function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

describe('a ModelInfer call of the embedded server', () => {
  let repository: Awaited<ReturnType<typeof writeRepository>>;
  let triton: EmbeddedTriton;
  let session: ClientHttp2Session;

  beforeAll(async () => {
    const { int32 } = fixtureModels;
    repository = await writeRepository({ int32 });
    triton = await openEmbeddedTriton(repository.directory, { threads: 1, maxMessageBytes });
    session = connect(`http://${triton.address}`);
  });
  afterAll(async () => {
    session.destroy();
    await triton.close();
    await repository.remove();
  });

  /** What comes back for such bytes: the first headers, the message, and the status wherever it stands. */
  async function call(body: Uint8Array, headers: OutgoingHttpHeaders = {}) {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/inference.GRPCInferenceService/ModelInfer',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let trailers: IncomingHttpHeaders = {};
    stream.on('trailers', got => {
      trailers = got;
    });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.end(body);
    const closed = once(stream, 'close');
    const [first] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    await closed;
    const status = trailers['grpc-status'] ?? first['grpc-status'];
    const text = decodeURI(String(trailers['grpc-message'] ?? first['grpc-message'] ?? ''));
    return { first, message: Buffer.concat(chunks), status, text };
  }

  function valuesOf(message: Buffer): { readonly id: string; readonly values: number[] } {
    const { id, rawOutputContents } = fromBinary(ModelInferResponseSchema, new Uint8Array(message.subarray(5)));
    return { id, values: [...new Int32Array(new Uint8Array(rawOutputContents[0] ?? []).buffer)] };
  }

  it('is answered with one message and OK in the trailers', async () => {
    const { first, message, status } = await call(framed(requestOf([1, 2, 3])));
    expect(first).toMatchObject({ ':status': 200, 'content-type': 'application/grpc+proto' });
    expect([message[0], message.readUInt32BE(1), status]).toEqual([0, message.length - 5, '0']);
    expect(valuesOf(message)).toEqual({ id: 'mine', values: [2, 4, 6] });
  });

  it('has its own answer when requests with memory of their own run beside those without', async () => {
    const sizes = [3, 20_000, 20_000, 5, 20_000, 3];
    const sent = sizes.map((size, seed) => Array.from({ length: size }, (_, i) => 1000 * seed + i));
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(sent.map(values => call(framed(requestOf(values)))));
      expect(answers.map(({ message }) => valuesOf(message).values)).toEqual(
        sent.map(values => values.map(value => 2 * value)),
      );
    }
  });

  it('may be compressed', async () => {
    const body = framed(gzipSync(requestOf([4, 5])), 1);
    const { message, status } = await call(body, { 'grpc-encoding': 'gzip' });
    expect([status, valuesOf(message).values]).toEqual(['0', [8, 10]]);
  });

  it.each<[string, Uint8Array, OutgoingHttpHeaders, string, RegExp]>([
    ['no message', Buffer.alloc(0), {}, '12', /message/],
    ['half a message', framed(requestOf([1])).subarray(0, 20), {}, '12', /message/],
    ['two messages', Buffer.concat([framed(requestOf([1])), framed(requestOf([1]))]), {}, '12', /message/],
    ['no protobuf', framed(Buffer.from('ffffffff', 'hex')), {}, '13', /deserializing/],
    ['too large a message', framed(new Uint8Array(maxMessageBytes + 1)), {}, '8', /larger than max/],
    ['no time', framed(requestOf([1])), { 'grpc-timeout': '0m' }, '4', /Deadline exceeded/],
    ['a timeout that is none', framed(requestOf([1])), { 'grpc-timeout': 'soon' }, '13', /grpc-timeout/],
    ['no such model', framed(encodeInferRequest(create(ModelInferRequestSchema, { modelName: 'ü' }))), {}, '5', /'ü'/],
  ])('is refused for %s, and the connection serves on', async (_, body, headers, status, text) => {
    const refused = await call(body, headers);
    expect(refused.status).toBe(status);
    expect(refused.text).toMatch(text);
    expect((await call(framed(requestOf([7])))).status).toBe('0');
  });

  it('is 415 for another content type', async () => {
    const { first } = await call(framed(requestOf([1])), { 'content-type': 'application/json' });
    expect(first[':status']).toBe(415);
  });
});
