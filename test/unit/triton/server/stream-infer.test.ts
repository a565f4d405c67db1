import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  GRPCInferenceService,
  type ModelInferRequest,
  ModelInferRequestSchema,
  type ModelInferResponse,
  ModelInferResponseSchema,
  type ModelStreamInferResponse,
} from '../../../../proto/gen/grpc_service_pb.ts';
import { maxInFlight } from '../../../../triton/server/grpc-stream-infer.ts';
import type { InferenceCore } from '../../../../triton/server/inference-core.ts';
import { StatusError } from '../../../../triton/server/status-error.ts';
import { type InferStream, openRawWire, type RawWire } from '../../../contract/triton/raw-wire.ts';
import { type ServedCore, serveCore } from './serve-core.ts';

type Asked = {
  readonly id: string;
  readonly signal: AbortSignal;
  answer(rawOutputContents?: Uint8Array[]): void;
  fail(error: Error): void;
};

const { method } = GRPCInferenceService;
const request = (id: string): ModelInferRequest => create(ModelInferRequestSchema, { id });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve));
}

describe('a stream of requests', () => {
  const asked: Asked[] = [];
  const failures: unknown[] = [];
  let served: ServedCore;
  let wire: RawWire;

  beforeEach(async () => {
    asked.length = 0;
    failures.length = 0;
    served = await serveCore(coreOf(asked), (...failure) => failures.push(failure));
    wire = openRawWire(served.address);
  });

  afterEach(() => {
    wire.close();
    served.close();
  });

  /** Comes back when the server has read all that was sent on the connection before, as far as it reads at all. */
  const roundTrips = async (): Promise<void> => {
    for (let trip = 0; trip < 5; trip++) await wire.call(method.serverLive);
  };

  it('is answered in order, each answer as soon as those before it are gone', async () => {
    const call = wire.stream();
    for (const id of ['a', 'b', 'c']) call.write(request(id));
    await until(() => asked.length === 3);
    const answers = idsOf(call);
    asked[1]?.answer();
    await roundTrips();
    expect(answers).toEqual([]);
    asked[0]?.answer();
    await until(() => answers.length === 2);
    expect(answers).toEqual(['a', 'b']);
    asked[2]?.answer();
    await until(() => answers.length === 3);
    call.end();
    await once(call, 'end');
  });

  it('ends after the last answer when the client has closed its side', async () => {
    const call = wire.stream();
    call.write(request('a'));
    call.end();
    await until(() => asked.length === 1);
    await roundTrips();
    const answers = idsOf(call);
    asked[0]?.answer();
    const [status] = await once(call, 'status');
    expect(status).toMatchObject({ code: 0 });
    expect(answers).toEqual(['a']);
  });

  it('holds errors as answers, and tells the log of those that are not ours', async () => {
    const call = wire.stream();
    for (const id of ['a', 'b', 'c']) call.write(request(id));
    call.end();
    await until(() => asked.length === 3);
    const failure = new Error('a secret');
    asked[0]?.fail(new StatusError('UNAVAILABLE', 'the queue is full'));
    asked[1]?.fail(failure);
    asked[2]?.answer();
    const answers: ModelStreamInferResponse[] = [];
    for await (const answer of call) answers.push(answer);
    expect(answers.map(({ errorMessage, inferResponse }) => [inferResponse?.id, errorMessage])).toEqual([
      ['a', 'the queue is full'],
      ['b', 'the server failed, see its log'],
      ['c', ''],
    ]);
    expect(failures).toEqual([['ModelStreamInfer', failure, 'b']]);
  });

  it('drops what waits when it is cancelled', async () => {
    const call = wire.stream();
    call.on('error', () => {});
    call.write(request('a'));
    call.write(request('b'));
    await until(() => asked.length === 2);
    call.cancel();
    await until(() => asked.every(({ signal }) => signal.aborted));
    expect(asked[0]?.signal.reason).toMatchObject({ code: 'CANCELLED' });
    // What comes back late is nobody's.
    asked[0]?.answer();
    asked[1]?.fail(new StatusError('CANCELLED', 'the call was cancelled'));
    await roundTrips();
    expect(failures).toEqual([]);
  });

  it('is read no further than so many requests, until one of them is answered', async () => {
    const call = wire.stream();
    for (let index = 0; index < 3 * maxInFlight; index++) call.write(request(`${index}`));
    call.end();
    const answers = idsOf(call);
    await until(() => asked.length >= maxInFlight);
    await roundTrips();
    expect(asked.length).toBe(maxInFlight);
    asked[0]?.answer();
    await until(() => answers.length === 1);
    await until(() => asked.length === maxInFlight + 1);
    await roundTrips();
    expect(asked.length).toBe(maxInFlight + 1);
    for (let index = 1; index < 3 * maxInFlight; index++) {
      await until(() => asked.length > index);
      asked[index]?.answer();
    }
    await once(call, 'end');
    expect(answers).toEqual(Array.from({ length: 3 * maxInFlight }, (_, index) => `${index}`));
  });

  it('is read no further while the client does not read its answers, and then goes on', async () => {
    const call = wire.stream();
    const count = 4 * maxInFlight;
    for (let index = 0; index < count; index++) call.write(request(`${index}`));
    call.end();
    const mebibyte = new Uint8Array(1024 * 1024);
    const answered = (async () => {
      for (let index = 0; index < count; index++) {
        await until(() => asked.length > index);
        asked[index]?.answer([mebibyte]);
      }
    })();
    await until(() => asked.length >= maxInFlight);
    await roundTrips();
    // As many answers are on their way as the client's window takes.
    expect(asked.length).toBeLessThan(2 * maxInFlight);
    const answers = idsOf(call);
    await answered;
    await once(call, 'end');
    expect(answers).toHaveLength(count);
  });

  it('is read no further while few answers that hold much wait for their turn', async () => {
    const call = wire.stream();
    const answers = idsOf(call);
    call.write(request('a'));
    call.write(request('b'));
    await until(() => asked.length === 2);
    asked[1]?.answer([new Uint8Array(64 * 1024 * 1024)]);
    await roundTrips();
    call.write(request('c'));
    await roundTrips();
    expect(asked.length).toBe(2);
    asked[0]?.answer();
    await until(() => asked.length === 3);
    asked[2]?.answer();
    call.end();
    await once(call, 'end');
    expect(answers).toEqual(['a', 'b', 'c']);
  });

  it('that is open when the server closes is ended, after what it has asked is answered', async () => {
    const [idle, busy] = [wire.stream(), wire.stream()];
    const ended = Promise.all([idle, busy].map(call => new Promise(resolve => call.on('error', resolve))));
    busy.write(request('a'));
    const answers = idsOf(busy);
    idle.on('data', () => {});
    // An open stream reaches the server with its headers, which a first write sends.
    await until(() => asked.length === 1);
    await roundTrips();
    served.services.endStreams();
    await roundTrips();
    expect(answers).toEqual([]);
    asked[0]?.answer();
    expect(await ended).toMatchObject([
      { code: 14, details: 'the server is shutting down' },
      { code: 14, details: 'the server is shutting down' },
    ]);
    expect(answers).toEqual(['a']);
  });
});

/** The ids of the answers, as they come. */
function idsOf(call: InferStream): string[] {
  const ids: string[] = [];
  call.on('data', ({ inferResponse }: ModelStreamInferResponse) => ids.push(inferResponse?.id ?? ''));
  return ids;
}

/** A core whose answers are given by hand. */
function coreOf(asked: Asked[]): Pick<InferenceCore, 'infer' | 'serverLive'> {
  return {
    serverLive: () => true,
    infer({ id }, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<ModelInferResponse>();
      asked.push({
        id,
        signal,
        answer: (rawOutputContents = []) => resolve(create(ModelInferResponseSchema, { id, rawOutputContents })),
        fail: reject,
      });
      return promise;
    },
  };
}
