import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Batcher, type BatcherOptions, createBatcher } from '../../../../../triton/server/infer/batcher.ts';

type Request = { id: string; batchSize: number; shapeKey: string; bytes: number };

const request = (id: string, more: Partial<Request> = {}): Request => ({
  id,
  batchSize: 1,
  shapeKey: '',
  bytes: 100,
  ...more,
});

/** Batches as they were begun, each ended by hand. */
function recorder(): {
  readonly batches: string[];
  run(requests: readonly Request[]): Promise<string[]>;
  end(): Promise<void>;
  fail(error: Error): Promise<void>;
} {
  const batches: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const settle = async (error?: Error): Promise<void> => {
    ends.shift()?.(error);
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    batches,
    run(requests) {
      const ids = requests.map(({ id }) => id);
      batches.push(ids.join('+'));
      return new Promise((resolve, reject) => {
        ends.push(error => (error === undefined ? resolve(ids.map(id => `answer ${id}`)) : reject(error)));
      });
    },
    end: () => settle(),
    fail: error => settle(error),
  };
}

describe('the batcher', () => {
  let runs: ReturnType<typeof recorder>;

  beforeEach(() => {
    vi.useFakeTimers();
    runs = recorder();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const open = (options: Partial<BatcherOptions<Request, string>> = {}): Batcher<Request, string> =>
    createBatcher<Request, string>({
      rules: { maxBatchSize: 4, preferredSizes: [], maxDelay: 0 },
      instances: 1,
      maxQueued: 10,
      maxQueuedBytes: 10_000,
      queueTimeoutMs: 0,
      run: runs.run,
      ...options,
    });

  it('runs the first at once and batches what comes while it runs', async () => {
    const batcher = open();
    const answers = ['a', 'b', 'c'].map(id => batcher.submit(request(id)));
    expect(runs.batches).toEqual(['a']);
    await runs.end();
    expect(runs.batches).toEqual(['a', 'b+c']);
    await runs.end();
    expect(await Promise.all(answers)).toEqual(['answer a', 'answer b', 'answer c']);
  });

  it('keeps batches within the maximum, and as many at once as there are instances', async () => {
    const batcher = open({ instances: 2 });
    for (const id of 'abcdefgh') void batcher.submit(request(id, { batchSize: id === 'd' ? 2 : 1 }));
    expect(runs.batches).toEqual(['a', 'b']);
    await runs.end();
    expect(runs.batches).toEqual(['a', 'b', 'c+d+e']);
    await runs.end();
    expect(runs.batches.at(-1)).toBe('f+g+h');
  });

  it('waits as long as it may for a batch to fill', async () => {
    const batcher = open({ rules: { maxBatchSize: 4, preferredSizes: [3], maxDelay: 5 } });
    void batcher.submit(request('a'));
    await vi.advanceTimersByTimeAsync(4);
    expect(runs.batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs.batches).toEqual(['a']);
    await runs.end();
    for (const id of 'bcd') void batcher.submit(request(id));
    expect(runs.batches).toEqual(['a', 'b+c+d']);
  });

  it('never batches requests of different shapes, and keeps their order', async () => {
    const batcher = open();
    void batcher.submit(request('a'));
    for (const [id, shapeKey] of Object.entries({ b: '3', c: '3', d: '5', e: '3' })) {
      void batcher.submit(request(id, { shapeKey }));
    }
    await runs.end();
    await runs.end();
    await runs.end();
    expect(runs.batches).toEqual(['a', 'b+c', 'd', 'e']);
  });

  it('refuses what its queue does not hold, by number and by bytes, in the words of Triton', async () => {
    const batcher = open({ maxQueued: 2, maxQueuedBytes: 250 });
    const full = (id: string) => ({ code: 'UNAVAILABLE', message: `[request id: ${id}] Exceeds maximum queue size` });
    const first = batcher.submit(request('a', { bytes: 9999 }));
    const second = batcher.submit(request('b', { bytes: 200 }));
    await expect(batcher.submit(request('c'))).rejects.toMatchObject(full('c'));
    void batcher.submit(request('d', { bytes: 50 }));
    await expect(batcher.submit(request('', { bytes: 0 }))).rejects.toMatchObject(full('<id_unknown>'));
    await runs.end();
    await runs.end();
    expect(await Promise.all([first, second])).toEqual(['answer a', 'answer b']);
    // What has left the queue no longer counts.
    const alone = batcher.submit(request('e', { bytes: 9999 }));
    await runs.end();
    expect(await alone).toBe('answer e');
  });

  it('drops a cancelled request that waits, and finishes one that runs', async () => {
    const batcher = open();
    const controllers = [new AbortController(), new AbortController()];
    const running = batcher.submit(request('a'), controllers[0]?.signal);
    const waiting = batcher.submit(request('b'), controllers[1]?.signal);
    const last = batcher.submit(request('c'));
    for (const controller of controllers) controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(batcher.submit(request('x'), AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    await runs.end();
    await runs.end();
    expect(await running).toBe('answer a');
    expect(await last).toBe('answer c');
    expect(runs.batches).toEqual(['a', 'c']);
  });

  it('refuses a request that waited longer than its policy allows', async () => {
    const batcher = open({ queueTimeoutMs: 20 });
    const running = batcher.submit(request('a'));
    const waiting = batcher.submit(request('b'));
    const refused = expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'Request timeout expired' });
    await vi.advanceTimersByTimeAsync(20);
    await refused;
    await runs.end();
    expect(await running).toBe('answer a');
  });

  it('fails every request of a batch that fails, and goes on', async () => {
    const batcher = open();
    const first = batcher.submit(request('a'));
    const both = Promise.allSettled([batcher.submit(request('b')), batcher.submit(request('c'))]);
    await runs.end();
    await runs.fail(new Error('no memory'));
    expect(await both).toMatchObject([{ reason: { message: 'no memory' } }, { reason: { message: 'no memory' } }]);
    const next = batcher.submit(request('d'));
    await runs.end();
    expect(await Promise.all([first, next])).toEqual(['answer a', 'answer d']);
  });

  it('refuses what waits when it closes, and waits for what runs', async () => {
    const batcher = open();
    const running = batcher.submit(request('a'));
    const waiting = batcher.submit(request('b'));
    const closed = batcher.close();
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(batcher.submit(request('c'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await runs.end();
    expect(await running).toBe('answer a');
    await closed;
    expect(runs.batches).toEqual(['a']);
  });
});
