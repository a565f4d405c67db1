import { EventEmitter } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';
import { type ModelInferRequest, ModelStreamInferResponseSchema } from '../../../../proto/gen/grpc_service_pb.ts';
import { createInferStream } from '../../../../triton/client/infer-stream.ts';
import type { StreamCall } from '../../../../triton/client/stream-requests.ts';
import type { InferRequest } from '../../../../triton/client/triton-client.ts';
import { answer, clientAndFake, configOf, request } from './client-and-fake.ts';
import type { FakeStream, StreamAnswer } from './open-fake-triton.ts';

const unchecked = { checkRequests: false };
const withId = (id: string): InferRequest => ({ ...request, id });

function answerTo(id: string, { last = true, outputs = true, value = 0 } = {}): StreamAnswer {
  const { modelName, modelVersion, outputs: described } = answer;
  const parameters = { triton_final_response: { parameterChoice: { case: 'boolParam', value: last } } } as const;
  const data = new Uint8Array(Float32Array.of(value, 0).buffer);
  const content = outputs ? { outputs: described, rawOutputContents: [data] } : {};
  return { inferResponse: { modelName, modelVersion, id, parameters, ...content } };
}

/** A client with a stream to a server that keeps its requests until the test answers them. */
async function openStream(options: { maxInFlight?: number; maxWaiting?: number } = {}) {
  const opened = Promise.withResolvers<FakeStream>();
  const requests: ModelInferRequest[] = [];
  let wake = Promise.withResolvers<void>();
  const { client, fake } = await clientAndFake(
    {
      modelStreamInfer(stream) {
        stream.onRequest(request => {
          requests.push(request);
          wake.resolve();
        });
        stream.onEnd(() => stream.end());
        opened.resolve(stream);
      },
    },
    unchecked,
  );
  const stream = client.openStream(options);
  /** Waits until the server has so many requests. */
  const arrived = async (count: number): Promise<string[]> => {
    while (requests.length < count) {
      await wake.promise;
      wake = Promise.withResolvers();
    }
    return requests.map(({ id }) => id);
  };
  return { client, fake, stream, server: await opened.promise, requests, arrived };
}

describe('a stream', () => {
  it('gives each request its answer, by id, in any order; makes ids up; asks to be told which is the last', async () => {
    const { stream, server, requests, arrived } = await openStream();
    const calls = [stream.infer(request), stream.infer(withId('mine')), stream.infer(request)];
    expect(await arrived(3)).toEqual(['1', 'mine', '2']);
    expect(requests[0]?.parameters.triton_enable_empty_final_response?.parameterChoice.value).toBe(true);
    for (const id of ['2', 'mine', '1']) server.answer(answerTo(id));
    expect((await Promise.all(calls)).map(({ id }) => id)).toEqual(['1', 'mine', '2']);
  });

  it('turns an error inside it into the error of its request, and goes on', async () => {
    const { stream, server, arrived } = await openStream();
    const [bad, good] = [stream.infer(withId('bad')), stream.infer(withId('good'))];
    await arrived(2);
    server.answer({ errorMessage: "Request for unknown model: 'm' is not found", inferResponse: { id: 'bad' } });
    server.answer(answerTo('good'));
    await expect(bad).rejects.toMatchObject({
      name: 'TritonError',
      code: 'UNKNOWN',
      message: "Request for unknown model: 'm' is not found",
      model: 'm',
      requestId: 'bad',
    });
    expect((await good).id).toBe('good');
  });

  it.each<[string, (server: FakeStream) => void, string, string]>([
    ['the server fails it', server => server.fail(status.UNAVAILABLE, 'going away'), 'UNAVAILABLE', 'going away'],
    ['the server ends it', server => server.end(), 'UNAVAILABLE', 'the server has ended the stream'],
    ['an error names no request', server => server.answer({ errorMessage: 'who?' }), 'UNKNOWN', 'who?'],
  ])('rejects everything when %s, what waits and what comes later too', async (_, end, code, message) => {
    const { stream, server, arrived } = await openStream({ maxInFlight: 1 });
    const calls = [stream.infer(withId('a')), stream.infer(withId('b'))];
    await arrived(1);
    end(server);
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes).toMatchObject(['a', 'b'].map(requestId => ({ reason: { code, message, model: 'm', requestId } })));
    await expect(stream.infer(request)).rejects.toMatchObject({ code, message });
  });

  it('sends no more than is allowed in flight, and refuses more than may wait', async () => {
    const { stream, server, arrived } = await openStream({ maxInFlight: 2, maxWaiting: 2 });
    const calls = ['a', 'b', 'c', 'd'].map(id => stream.infer(withId(id)));
    await expect(stream.infer(withId('e'))).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: 'expected at most 2 requests waiting for the stream',
      requestId: 'e',
    });
    expect(await arrived(2)).toEqual(['a', 'b']);
    server.answer(answerTo('b'));
    expect((await calls[1])?.id).toBe('b');
    expect(await arrived(3)).toEqual(['a', 'b', 'c']);
    for (const id of ['a', 'c']) server.answer(answerTo(id));
    await arrived(4);
    server.answer(answerTo('d'));
    await Promise.all(calls);
  });

  it('refuses an id that is in flight', async () => {
    const { stream, server, arrived } = await openStream();
    const first = stream.infer(withId('x'));
    await expect(stream.infer(withId('x'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', requestId: 'x' });
    await arrived(1);
    server.answer(answerTo('x'));
    await first;
    const second = stream.infer(withId('x'));
    await arrived(2);
    server.answer(answerTo('x'));
    expect((await second).id).toBe('x');
  });

  it('gives a request up by deadline or signal; its place is free after its late answer', async () => {
    const { stream, server, arrived } = await openStream({ maxInFlight: 2 });
    const controller = new AbortController();
    const late = stream.infer(withId('late'), { deadlineMs: 20 });
    const left = stream.infer(withId('left'), { signal: controller.signal });
    const waiting = stream.infer(withId('waiting'), { signal: controller.signal });
    await arrived(2);
    const next = stream.infer(withId('next'));
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', requestId: 'late' });
    controller.abort(new Error('enough'));
    for (const call of [left, waiting]) {
      await expect(call).rejects.toMatchObject({ code: 'CANCELLED', cause: { message: 'enough' } });
    }
    server.answer(answerTo('late'));
    expect(await arrived(3)).toEqual(['late', 'left', 'next']);
    server.answer(answerTo('next'));
    expect((await next).id).toBe('next');
    const gone = { signal: AbortSignal.abort() };
    await expect(stream.infer(request, gone)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('checks requests as other calls do, and an answer that is wrong ends its own request only', async () => {
    const { client } = await clientAndFake({
      modelConfig: () => ({ config: configOf(2) }),
      modelStreamInfer: stream =>
        stream.onRequest(({ id }) => {
          const good = answerTo(id);
          stream.answer(id === 'short' ? { inferResponse: { ...good.inferResponse, rawOutputContents: [] } } : good);
        }),
    });
    const stream = client.openStream();
    const tooMany = [{ ...request.inputs[0]!, shape: [3, 2], data: new Uint8Array(24) }];
    await expect(stream.infer({ ...request, inputs: tooMany })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(stream.infer(withId('short'))).rejects.toMatchObject({ code: 'INTERNAL', requestId: 'short' });
    expect((await stream.infer(request)).model).toBe('m');
  });

  it('waits for what is in flight when it is closed, and refuses what comes then', async () => {
    const { client, stream, server, arrived } = await openStream({ maxInFlight: 1 });
    const calls = [stream.infer(withId('a')), stream.infer(withId('b'))];
    await arrived(1);
    const closed = stream.close();
    await expect(stream.infer(request)).rejects.toMatchObject({ code: 'CANCELLED', message: 'the stream is closed' });
    server.answer(answerTo('a'));
    await arrived(2);
    server.answer(answerTo('b'));
    await Promise.all(calls);
    await closed;
    await client.close();
  });

  it('is closed with its client, after its requests', async () => {
    const { client, stream, server, arrived } = await openStream();
    const call = stream.infer(withId('a'));
    await arrived(1);
    const closed = client.close();
    server.answer(answerTo('a'));
    expect((await call).id).toBe('a');
    await closed;
  });
});

describe('a decoupled model', () => {
  const first = ({ outputs }: { outputs: ReadonlyMap<string, { data: Uint8Array }> }): number => {
    const { buffer } = new Uint8Array(outputs.get('OUT')?.data ?? []);
    return new Float32Array(buffer)[0] ?? NaN;
  };

  async function collect(responses: AsyncIterable<Parameters<typeof first>[0]>): Promise<number[]> {
    const values: number[] = [];
    for await (const result of responses) values.push(first(result));
    return values;
  }

  it.each([
    ['an empty one', false],
    ['the last with outputs', true],
  ])('gives any number of answers, mixed with those of others, until %s', async (_, outputs) => {
    const { stream, server, arrived } = await openStream();
    const [a, b] = [collect(stream.responses(withId('a'))), collect(stream.responses(withId('b')))];
    await arrived(2);
    for (const value of [1, 2, 3]) {
      server.answer(answerTo('a', { last: false, value }));
      server.answer(answerTo('b', { last: false, value: 10 * value }));
    }
    for (const id of ['b', 'a']) server.answer(answerTo(id, { outputs, value: 4 }));
    const end = outputs ? [4] : [];
    expect(await a).toEqual([1, 2, 3, ...end]);
    expect(await b).toEqual([10, 20, 30, ...end]);
  });

  it('gives what came before its error, then the error', async () => {
    const { stream, server, arrived } = await openStream();
    const responses = stream.responses(withId('a'));
    const began = responses.next();
    await arrived(1);
    server.answer(answerTo('a', { last: false, value: 1 }));
    server.answer({ errorMessage: 'out of tokens', inferResponse: { id: 'a' } });
    const next = await began;
    expect(next.done ? NaN : first(next.value)).toBe(1);
    await expect(responses.next()).rejects.toMatchObject({ code: 'UNKNOWN', message: 'out of tokens', requestId: 'a' });
  });

  it('may answer once to infer(), not more and not less', async () => {
    const { stream, server, arrived } = await openStream();
    const calls = ['one', 'two', 'none'].map(id => stream.infer(withId(id)));
    await arrived(3);
    for (const id of ['one', 'two', 'two']) server.answer(answerTo(id, { last: false }));
    for (const id of ['one', 'two', 'none']) server.answer(answerTo(id, { outputs: false }));
    expect(await Promise.allSettled(calls)).toMatchObject([
      { value: { id: 'one' } },
      { reason: { code: 'FAILED_PRECONDITION', message: 'expected one answer, got more: use responses()' } },
      { reason: { code: 'FAILED_PRECONDITION', message: 'expected one answer, got none' } },
    ]);
  });

  it('has its further answers dropped once the reader has left', async () => {
    const { stream, server, arrived } = await openStream({ maxInFlight: 1 });
    const responses = stream.responses(withId('a'));
    const began = responses.next();
    await arrived(1);
    server.answer(answerTo('a', { last: false }));
    await began;
    await responses.return();
    const next = stream.infer(withId('b'));
    server.answer(answerTo('a', { last: false }));
    server.answer(answerTo('a', { outputs: false }));
    expect(await arrived(2)).toEqual(['a', 'b']);
    server.answer(answerTo('b'));
    expect((await next).id).toBe('b');
  });

  it('is held back by a reader who is behind, and loses nothing', async () => {
    const call = Object.assign(new EventEmitter(), {
      write: vi.fn(() => true),
      pause: vi.fn(),
      resume: vi.fn(),
      end: vi.fn(),
      cancel: vi.fn(),
    });
    const stream = createInferStream({
      call: call as unknown as StreamCall,
      deadlineMs: 20_000,
      admit: () => undefined,
    });
    const responses = stream.responses(withId('a'));
    const began = responses.next();
    await vi.waitFor(() => expect(call.write).toHaveBeenCalledOnce());
    const send = (message: StreamAnswer) => call.emit('data', create(ModelStreamInferResponseSchema, message));
    for (let value = 0; value < 15; value++) send(answerTo('a', { last: false, value }));
    expect(call.pause).not.toHaveBeenCalled();
    // What was on its way already is taken.
    for (let value = 15; value < 20; value++) send(answerTo('a', { last: false, value }));
    expect(call.pause).toHaveBeenCalled();
    const values: number[] = [];
    const take = async (next = responses.next()): Promise<void> => {
      const result = await next;
      if (!result.done) values.push(first(result.value));
    };
    await take(began);
    while (values.length < 5) await take();
    expect(call.resume).not.toHaveBeenCalled();
    while (values.length < 20) await take();
    expect(call.resume).toHaveBeenCalledOnce();
    send(answerTo('a', { outputs: false }));
    expect([...values, ...(await collect(responses))]).toEqual(Array.from({ length: 20 }, (_, value) => value));
  });
});
