import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createByteBudget } from '../../../../../triton/server/byte-budget.ts';
import { type Batcher, type BatcherOptions, createBatcher } from '../../../../../triton/server/infer/batcher.ts';
import type { QueueRules } from '../../../../../triton/server/infer/queue-rules.ts';

type Request = { id: string; batchSize: number; shapeKey: string; bytes: number; timeoutMs: number };

const request = (id: string, more: Partial<Request> = {}): Request => ({
  id,
  batchSize: 1,
  shapeKey: '',
  bytes: 100,
  timeoutMs: 0,
  ...more,
});

type Worker = 'a worker';

/** Batches as they were begun, each ended by hand. */
function recorder(): {
  readonly batches: string[];
  run(worker: Worker, requests: readonly Request[]): Promise<string[]>;
  /** Ends the oldest that runs, or the one of this number. */
  end(index?: number): Promise<void>;
  fail(error: Error): Promise<void>;
} {
  const batches: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const settle = async (index: number, error?: Error): Promise<void> => {
    ends.splice(index, 1)[0]?.(error);
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    batches,
    run(_worker, requests) {
      const ids = requests.map(({ id }) => id);
      batches.push(ids.join('+'));
      return new Promise((resolve, reject) => {
        ends.push(error => (error === undefined ? resolve(ids.map(id => `answer ${id}`)) : reject(error)));
      });
    },
    end: (index = 0) => settle(index),
    fail: error => settle(0, error),
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

  const anyQueue: QueueRules = { maxQueued: 10, timeoutMs: 0, timeoutAction: 'reject', allowTimeoutOverride: false };
  const open = (
    options: Partial<BatcherOptions<Request, Worker, string>> & { readonly policy?: Partial<QueueRules> } = {},
  ): Batcher<Request, string> =>
    createBatcher<Request, Worker, string>({
      rules: { maxBatchSize: 4, preferredSizes: [], maxDelay: 0 },
      queue: { ...anyQueue, ...options.policy },
      instances: 1,
      preserveOrdering: false,
      budget: createByteBudget(10_000),
      lend: use => use('a worker'),
      partsOf: () => 1,
      threads: 1,
      isBrief: () => false,
      run: runs.run,
      ...options,
    });

  /** What has come by now is looked at together. */
  const seen = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

  /** Lends one worker, when told to. */
  function lender() {
    const waiting: (() => void)[] = [];
    return {
      asked: () => waiting.length,
      lend: (use: (worker: Worker) => Promise<void>) =>
        new Promise<void>((resolve, reject) => {
          waiting.push(() => use('a worker').then(resolve, reject));
        }),
      lendNow: async () => {
        waiting.shift()?.();
        await vi.advanceTimersByTimeAsync(0);
      },
    };
  }

  it('runs at once what comes at once, and batches what comes while it runs', async () => {
    const batcher = open();
    const answers = ['a', 'b'].map(id => batcher.submit(request(id)));
    await seen();
    for (const id of ['c', 'd', 'e']) answers.push(batcher.submit(request(id)));
    await seen();
    expect(runs.batches).toEqual(['a+b']);
    await runs.end();
    expect(runs.batches).toEqual(['a+b', 'c+d+e']);
    await runs.end();
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd', 'e'].map(id => `answer ${id}`));
  });

  it('gives the worker its next batch before it answers the one that has ended', async () => {
    const batcher = open();
    const answered: string[] = [];
    void batcher.submit(request('a')).then(() => answered.push(`behind ${runs.batches.length} batches`));
    await seen();
    const next = batcher.submit(request('b'));
    await seen();
    await runs.end();
    expect(answered).toEqual(['behind 2 batches']);
    await runs.end();
    expect(await next).toBe('answer b');
  });

  it('divides what has come together among idle workers, in equal numbers of rows, where that is worth it', async () => {
    const batcher = open({ instances: 2, partsOf: rows => (rows > 2 ? 3 : 1) });
    for (const [id, batchSize] of [
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ] as const) {
      void batcher.submit(request(id, { batchSize }));
    }
    await seen();
    // Three parts are wanted, but there are two instances.
    expect(runs.batches).toEqual(['a', 'b+c']);
    for (const id of 'defg') void batcher.submit(request(id));
    await seen();
    await runs.end();
    // The other one is busy.
    expect(runs.batches).toEqual(['a', 'b+c', 'd+e+f+g']);
  });

  it('runs requests without rows', async () => {
    const batcher = open({ instances: 2, partsOf: () => 2 });
    const answers = ['a', 'b', 'c'].map(id => batcher.submit(request(id, { batchSize: 0 })));
    await seen();
    expect(runs.batches).toEqual(['a+b', 'c']);
    await runs.end();
    await runs.end();
    expect(await Promise.all(answers)).toEqual(['answer a', 'answer b', 'answer c']);
  });

  it('keeps batches within the maximum, and as many at once as there are instances', async () => {
    const batcher = open({ instances: 2, policy: { maxQueued: 20 } });
    for (const id of 'abcdefghijk') void batcher.submit(request(id, { batchSize: id === 'd' ? 2 : 1 }));
    await seen();
    expect(runs.batches).toEqual(['a+b+c', 'd+e+f']);
    await runs.end();
    expect(runs.batches.at(-1)).toBe('g+h+i+j');
    await runs.end();
    expect(runs.batches.at(-1)).toBe('k');
  });

  it('has a full batch wait at the worker of one that is brief, and none where it could run beside it', async () => {
    const full = ['a', 'b+c+d+e'];
    for (const [threads, brief, expected] of [
      [1, true, full],
      [2, true, ['a']],
      [1, false, ['a']],
    ] as const) {
      runs = recorder();
      const batcher = open({ run: runs.run, threads, isBrief: rows => brief && rows <= 4 });
      void batcher.submit(request('a'));
      await seen();
      for (const id of 'bcdefghijk') void batcher.submit(request(id));
      await seen();
      expect(runs.batches).toEqual(expected);
      await runs.end();
      expect(runs.batches).toEqual(brief && threads === 1 ? [...full, 'f+g+h+i'] : full);
      await runs.end();
      // These two make no full batch: others may still join them.
      if (brief && threads === 1) expect(runs.batches).toHaveLength(3);
      await runs.end();
      await runs.end();
      expect(runs.batches.at(-1)).toBe('j+k');
    }
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
    await seen();
    expect(runs.batches).toEqual(['a', 'b+c+d']);
  });

  it('never batches requests of different shapes, and keeps their order', async () => {
    const batcher = open();
    void batcher.submit(request('a'));
    await seen();
    for (const [id, shapeKey] of Object.entries({ b: '3', c: '3', d: '5', e: '3' })) {
      void batcher.submit(request(id, { shapeKey }));
    }
    await runs.end();
    await runs.end();
    await runs.end();
    expect(runs.batches).toEqual(['a', 'b+c', 'd', 'e']);
  });

  const full = (id: string) => ({ code: 'UNAVAILABLE', message: `[request id: ${id}] Exceeds maximum queue size` });

  it('refuses what its queue does not hold, in the words of Triton', async () => {
    const batcher = open({ policy: { maxQueued: 2 }, rules: { maxBatchSize: 2, preferredSizes: [], maxDelay: 0 } });
    // The third finds the queue full and the instance free.
    const answers = ['a', 'b', 'c', 'd'].map(id => batcher.submit(request(id)));
    await expect(batcher.submit(request('e'))).rejects.toMatchObject(full('e'));
    await expect(batcher.submit(request(''))).rejects.toMatchObject(full('<id_unknown>'));
    await runs.end();
    await runs.end();
    expect(await Promise.all(answers)).toEqual(['answer a', 'answer b', 'answer c', 'answer d']);
    expect(runs.batches).toEqual(['a+b', 'c+d']);
  });

  it('refuses what all models together do not hold in bytes, until some are answered, refused or cancelled', async () => {
    const budget = createByteBudget(1000);
    const [one, other] = [open({ budget }), open({ budget, policy: { timeoutMs: 20 } })];
    const alone = one.submit(request('a', { bytes: 9999 }));
    await expect(other.submit(request('b', { bytes: 1 }))).rejects.toMatchObject(full('b'));
    await seen();
    await runs.end();
    expect(await alone).toBe('answer a');

    const leaving = new AbortController();
    const failing = one.submit(request('c', { bytes: 400 }));
    await seen();
    const cancelled = one.submit(request('d', { bytes: 300 }), leaving.signal);
    const running = other.submit(request('e', { bytes: 100 }));
    await seen();
    const expiring = other.submit(request('f', { bytes: 200 }));
    await expect(other.submit(request('g', { bytes: 1 }))).rejects.toMatchObject(full('g'));
    const outcomes = Promise.allSettled([failing, cancelled, running, expiring]);
    leaving.abort();
    await vi.advanceTimersByTimeAsync(20);
    expect(budget.used()).toBe(500);
    await runs.fail(new Error('no memory'));
    await runs.end();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'rejected']);
    expect(budget.used()).toBe(0);
  });

  it('drops a cancelled request that waits, and finishes one that runs', async () => {
    const batcher = open();
    const controllers = [new AbortController(), new AbortController()];
    const running = batcher.submit(request('a'), controllers[0]?.signal);
    await seen();
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
    const batcher = open({ policy: { timeoutMs: 20 } });
    const running = batcher.submit(request('a'));
    await seen();
    const waiting = batcher.submit(request('b'));
    const refused = expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'Request timeout expired' });
    await vi.advanceTimersByTimeAsync(20);
    await refused;
    await runs.end();
    expect(await running).toBe('answer a');
  });

  it("takes a request's own timeout only where it may, and only a shorter one", async () => {
    const expiries = async (policy: Partial<QueueRules>, own: readonly number[]): Promise<number[]> => {
      const batcher = open({ policy });
      const began = performance.now();
      void batcher.submit(request('first'));
      await seen();
      const waits = own.map(timeoutMs =>
        batcher.submit(request('x', { timeoutMs })).then(
          () => -1,
          () => performance.now() - began,
        ),
      );
      await vi.advanceTimersByTimeAsync(1000);
      await runs.end();
      await runs.end();
      return await Promise.all(waits);
    };
    expect(await expiries({ timeoutMs: 100, allowTimeoutOverride: true }, [30, 0, 500])).toEqual([30, 100, 100]);
    expect(await expiries({ timeoutMs: 100 }, [30, 0, 500])).toEqual([100, 100, 100]);
    expect(await expiries({ timeoutMs: 0, allowTimeoutOverride: true }, [30, 0])).toEqual([-1, -1]);
  });

  it('runs a request that outstayed its time when nobody else waits, where late ones are delayed', async () => {
    const batcher = open({
      rules: { maxBatchSize: 0, preferredSizes: [], maxDelay: 0 },
      policy: { timeoutMs: 20, timeoutAction: 'delay', maxQueued: 3 },
    });
    const answers = ['a', 'b', 'c'].map(id => batcher.submit(request(id)));
    await vi.advanceTimersByTimeAsync(20);
    const leaving = new AbortController();
    const onTime = batcher.submit(request('d'), leaving.signal);
    await expect(batcher.submit(request('e'))).rejects.toMatchObject(full('e'));
    expect(batcher.waiting()).toBe(3);
    await runs.end();
    await runs.end();
    await runs.end();
    await runs.end();
    expect(runs.batches).toEqual(['a', 'd', 'b', 'c']);
    expect(await Promise.all([...answers, onTime])).toHaveLength(4);
  });

  it('decides what runs when a worker is there: more may join, who left does not run', async () => {
    const { lend, lendNow, asked } = lender();
    const batcher = open({ lend, instances: 2 });
    const controllers = ['a', 'b'].map(() => new AbortController());
    const left = controllers.map(({ signal }, index) => batcher.submit(request(`left${index}`), signal));
    const outcomes = Promise.allSettled(left);
    await seen();
    expect(asked()).toBe(1);
    for (const controller of controllers) controller.abort();
    await lendNow();
    expect(runs.batches).toEqual([]);

    const answers = ['c', 'd', 'e'].map(id => batcher.submit(request(id)));
    await seen();
    expect(asked()).toBe(1);
    await lendNow();
    expect(runs.batches).toEqual(['c+d+e']);
    await runs.end();
    expect(await Promise.all(answers)).toEqual(['answer c', 'answer d', 'answer e']);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('refuses those whose turn it was when no worker can be had', async () => {
    const batcher = open({ lend: () => Promise.reject(new Error('none')) });
    const outcomes = Promise.allSettled(['a', 'b'].map(id => batcher.submit(request(id))));
    await seen();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(batcher.waiting()).toBe(0);
  });

  it('answers in the order of arrival where that is preserved, whichever batch ends first', async () => {
    const order: string[] = [];
    const answered = (id: string) => () => void order.push(id);
    for (const preserveOrdering of [true, false]) {
      order.length = 0;
      const batcher = open({
        preserveOrdering,
        instances: 2,
        rules: { maxBatchSize: 0, preferredSizes: [], maxDelay: 0 },
        policy: { timeoutMs: 20 },
      });
      const leaving = new AbortController();
      const all = ['a', 'b', 'left', 'late'].map(id =>
        batcher.submit(request(id), id === 'left' ? leaving.signal : undefined).then(answered(id), answered(id)),
      );
      leaving.abort();
      await vi.advanceTimersByTimeAsync(20);
      expect(order).toEqual(preserveOrdering ? ['left'] : ['left', 'late']);
      await runs.end(1);
      await runs.end();
      await Promise.all(all);
      expect(order).toEqual(preserveOrdering ? ['left', 'a', 'b', 'late'] : ['left', 'late', 'b', 'a']);
    }
  });

  it('fails every request of a batch that fails, and goes on', async () => {
    const batcher = open();
    const first = batcher.submit(request('a'));
    await seen();
    const both = Promise.allSettled([batcher.submit(request('b')), batcher.submit(request('c'))]);
    await runs.end();
    await runs.fail(new Error('no memory'));
    expect(await both).toMatchObject([{ reason: { message: 'no memory' } }, { reason: { message: 'no memory' } }]);
    const next = batcher.submit(request('d'));
    await seen();
    await runs.end();
    expect(await Promise.all([first, next])).toEqual(['answer a', 'answer d']);
  });

  it('refuses what waits when it closes, and waits for what runs', async () => {
    const batcher = open();
    const running = batcher.submit(request('a'));
    await seen();
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
