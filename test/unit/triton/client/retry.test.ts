import { status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isTransient, withRetries } from '../../../../triton/client/retry.ts';
import { TritonError } from '../../../../triton/client/triton-error.ts';
import { answer, clientAndFake, request } from './client-and-fake.ts';
import { refusal } from './open-fake-triton.ts';

/** A server that refuses the first calls. */
function refusing(times: number, error: Error) {
  let left = times;
  return {
    modelInfer() {
      if (left-- > 0) throw error;
      return answer;
    },
  };
}

const unchecked = { checkRequests: false };
const busy = refusal(status.UNAVAILABLE, '[request id: 4] Exceeds maximum queue size');

describe('a call', () => {
  it.each([
    ['UNAVAILABLE', busy],
    ['RESOURCE_EXHAUSTED', refusal(status.RESOURCE_EXHAUSTED, 'quota')],
  ])('is repeated after %s, and gives its answer in the end', async (_, error) => {
    const { client, fake } = await clientAndFake(refusing(2, error), unchecked);
    expect((await client.infer(request)).version).toBe('1');
    expect(fake.calls).toHaveLength(3);
  });

  it('is repeated as often as it says, then rejects with what the server said', async () => {
    const { client, fake } = await clientAndFake(refusing(99, busy), { ...unchecked, retries: 2 });
    const error = { code: 'UNAVAILABLE', message: '[request id: 4] Exceeds maximum queue size', requestId: 'r' };
    await expect(client.infer({ ...request, id: 'r' })).rejects.toMatchObject(error);
    expect(fake.calls).toHaveLength(3);
    await expect(client.infer(request, { retries: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(fake.calls).toHaveLength(5);
  });

  it.each([
    ['other errors', refusal(status.INTERNAL, 'boom'), {}, {}],
    ['a call that says so', busy, {}, { retries: 0 }],
    ['a step of a sequence', busy, { sequence: { id: 1 } }, {}],
    [
      'a message that is too large',
      refusal(status.RESOURCE_EXHAUSTED, 'Received message larger than max (9 vs. 4)'),
      {},
      {},
    ],
  ])('is sent once for %s', async (_, error, change, options) => {
    const { client, fake } = await clientAndFake(refusing(99, error), unchecked);
    await expect(client.infer({ ...request, ...change }, options)).rejects.toBeInstanceOf(TritonError);
    expect(fake.calls).toHaveLength(1);
  });

  it('is sent once when it asks about now', async () => {
    const down = () => {
      throw busy;
    };
    const { client, fake } = await clientAndFake({
      serverReady: down,
      serverLive: down,
      modelReady: down,
      check: down,
    });
    const probes = [client.serverLive(), client.serverReady(), client.modelReady('m'), client.health()];
    for (const probe of await Promise.allSettled(probes))
      expect(probe).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    expect(fake.calls.toSorted()).toEqual(['Check', 'ModelReady', 'ServerLive', 'ServerReady']);
  });

  it("is not repeated beyond its deadline: it rejects with the server's reason rather than wait for that", async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999);
    onTestFinished(() => random.mockRestore());
    let attempts = 0;
    const attempt = async (): Promise<never> => {
      attempts += 1;
      throw new TritonError('UNAVAILABLE', 'busy');
    };
    const limits = { retries: 9, deadline: Date.now() + 50 };
    await expect(withRetries(attempt, limits)).rejects.toMatchObject({ message: 'busy' });
    expect(attempts).toBe(1);
  });

  it('is not repeated after its signal', async () => {
    const controller = new AbortController();
    const { client, fake } = await clientAndFake(
      {
        modelInfer() {
          controller.abort(new Error('left'));
          throw busy;
        },
      },
      unchecked,
    );
    await expect(client.infer(request, { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(fake.calls).toHaveLength(1);
  });
});

describe('RESOURCE_EXHAUSTED', () => {
  it.each([
    'Attempted to send message with a size larger than 211',
    'Received message larger than max (300 vs 200)',
    'Sent message larger than max (300 vs. 200)',
    'CLIENT: Received message larger than max (300 vs. 200)',
    'Received message that decompresses to a size larger than 200',
  ])('for size is final: %s', text => {
    expect(isTransient(new TritonError('RESOURCE_EXHAUSTED', text))).toBe(false);
  });

  it('for load is not', () => {
    expect(isTransient(new TritonError('RESOURCE_EXHAUSTED', 'too many concurrent requests'))).toBe(true);
  });

  it('is what grpc-js says of a request that is too large, once', async () => {
    const { client, fake } = await clientAndFake({}, { ...unchecked, maxMessageBytes: 1000 });
    const inputs = [{ name: 'IN', datatype: 'UINT8' as const, shape: [2000], data: new Uint8Array(2000) }];
    await expect(client.infer({ ...request, inputs })).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: 'Attempted to send message with a size larger than 1000',
    });
    expect(fake.calls).toEqual([]);
  });
});
