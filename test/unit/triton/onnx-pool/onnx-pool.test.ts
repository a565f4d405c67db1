import os from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { LentWorker, OnnxPool } from '../../../../triton/onnx-pool/job.ts';
import { createOnnxPool, type OnnxPoolOptions } from '../../../../triton/onnx-pool/onnx-pool.ts';
import type { ProbeInput } from './jobs/probe-job.ts';

const probe = new URL('./jobs/probe-job.ts', import.meta.url);
const pools: OnnxPool[] = [];

function open(options: Partial<OnnxPoolOptions> = {}): OnnxPool {
  const pool = createOnnxPool({ threads: 1, maxQueued: 8, ...options });
  pools.push(pool);
  return pool;
}

const ask = <Output>(pool: OnnxPool, input: ProbeInput, signal?: AbortSignal): Promise<Output> =>
  pool.run<ProbeInput, Output>(probe, input, signal ? { signal } : {});

/** A job that holds a thread until `open` is called. */
function gate(): { readonly input: ProbeInput; open(): void } {
  const flag = new SharedArrayBuffer(4);
  return { input: { do: 'wait', flag }, open: () => void Atomics.store(new Int32Array(flag), 0, 1) };
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map(pool => pool.close()));
});

describe('the ONNX pool', () => {
  it('runs jobs in threads of its own, as many at once as it has', async () => {
    const pool = open({ threads: 2 });
    const [first, second] = [gate(), gate()];
    const threads = Promise.all([ask<number>(pool, first.input), ask<number>(pool, second.input)]);
    first.open();
    second.open();
    const ids = await threads;
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(0);
  });

  it('begins waiting jobs first come, first served', async () => {
    const pool = open();
    const order: number[] = [];
    const held = gate();
    const blocker = ask(pool, held.input);
    const jobs = [1, 2, 3].map(number => ask(pool, { do: 'thread' }).then(() => order.push(number)));
    held.open();
    await Promise.all([blocker, ...jobs]);
    expect(order).toEqual([1, 2, 3]);
  });

  it('moves buffers there and back without a copy on this side', async () => {
    const buffer = new ArrayBuffer(16);
    const input: ProbeInput = { do: 'fill', buffer };
    const filled = await open().run<ProbeInput, ArrayBuffer>(probe, input, { transfer: [buffer] });
    expect(buffer.byteLength).toBe(0);
    expect(new Uint8Array(filled)).toEqual(new Uint8Array(16).fill(7));
  });

  it("rejects with the job's error: name, message and code", async () => {
    const failed = ask(open(), { do: 'throw' });
    await expect(failed).rejects.toMatchObject({ name: 'ProbeError', message: 'the probe throws', code: 'PROBE' });
  });

  it('rejects what cannot cross threads, and goes on', async () => {
    const pool = open();
    await expect(ask(pool, { do: 'uncloneable' })).rejects.toThrow(/could not be cloned/);
    const withFunction = { do: 'sleep', ms: () => 1 };
    await expect(pool.run(probe, withFunction)).rejects.toThrow(/could not be cloned/);
    expect(await ask<number>(pool, { do: 'thread' })).toBeGreaterThan(0);
  });

  it('rejects a module that is absent or holds no job', async () => {
    const pool = open();
    await expect(pool.run(new URL('./jobs/absent.ts', import.meta.url), {})).rejects.toThrow(/absent/);
    await expect(pool.run(new URL('./jobs/no-job.ts', import.meta.url), {})).rejects.toThrow(
      /expected a job function as default export, got string/,
    );
  });

  it('refuses jobs beyond its queue', async () => {
    const pool = open({ maxQueued: 2 });
    const held = gate();
    const accepted = [ask(pool, held.input), ask(pool, { do: 'thread' }), ask(pool, { do: 'thread' })];
    await expect(ask(pool, { do: 'thread' })).rejects.toMatchObject({ name: 'PoolError', code: 'QUEUE_FULL' });
    held.open();
    await Promise.all(accepted);
  });

  it('takes an aborted job out of the queue, and drops the output of one that runs', async () => {
    const pool = open({ maxQueued: 1 });
    const held = gate();
    const running = new AbortController();
    const waiting = new AbortController();
    const first = ask(pool, held.input, running.signal);
    const second = ask(pool, { do: 'thread' }, waiting.signal);
    waiting.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    const third = ask<number>(pool, { do: 'thread' });
    running.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    held.open();
    expect(await third).toBeGreaterThan(0);
    await expect(ask(pool, { do: 'thread' }, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each(['die', 'exit'] as const)('replaces a thread that ends under its job (%s)', async how => {
    const pool = open();
    const before = await ask<number>(pool, { do: 'thread' });
    const next = [ask(pool, { do: how }), ask<number>(pool, { do: 'thread' })];
    await expect(next[0]).rejects.toMatchObject({ name: 'PoolError', code: 'WORKER_DIED' });
    expect(await next[1]).not.toBe(before);
  });

  it('runs a job in every thread, also in those that are busy', async () => {
    const pool = open({ threads: 2 });
    const held = gate();
    const blocker = ask(pool, held.input);
    const everywhere = pool.runEverywhere<ProbeInput>(probe, { do: 'thread' });
    held.open();
    await Promise.all([blocker, everywhere]);
    await expect(pool.runEverywhere<ProbeInput>(probe, { do: 'throw' })).rejects.toThrow('the probe throws');
  });

  it('lends a free worker at once, and a busy one in turn: what runs there is decided then', async () => {
    const pool = open();
    const held = gate();
    const order: string[] = [];
    let isLent = false;
    const first = pool.lend(async worker => {
      isLent = true;
      await worker.run(probe, held.input);
      order.push('first lender');
    });
    expect(isLent).toBe(true);
    const job = ask(pool, { do: 'thread' });
    const second = pool.lend(async worker => {
      order.push('second lender');
      await expect(worker.run(probe, { do: 'throw' })).rejects.toMatchObject({ code: 'PROBE' });
      throw new Error('lent in vain');
    });
    held.open();
    await Promise.all([first, job, expect(second).rejects.toThrow('lent in vain')]);
    expect(order).toEqual(['first lender', 'second lender']);
    expect(await ask<number>(pool, { do: 'thread' })).toBeGreaterThan(0);
  });

  it('lends a worker to one more where both uses are brief, in their turn, and runs their jobs one after the other', async () => {
    const pool = open();
    const [held, next] = [gate(), gate()];
    const order: string[] = [];
    const use = (name: string, input: ProbeInput) => async (worker: LentWorker) => {
      order.push(`lent to ${name}`);
      await worker.run(probe, input);
      order.push(`${name} ended`);
    };
    const lent = [
      pool.lend(use('a', held.input), { isBrief: () => true }),
      pool.lend(use('b', next.input), { isBrief: () => true, mayFollow: () => true }),
      pool.lend(use('c', { do: 'thread' }), { isBrief: () => true, mayFollow: () => true }),
    ];
    expect(order).toEqual(['lent to a', 'lent to b']);
    // What is behind another job in the thread does not begin before that has ended.
    next.open();
    const job = ask(pool, { do: 'thread' });
    await expect(Promise.race([lent[1], Promise.resolve('waits')])).resolves.toBe('waits');
    held.open();
    await Promise.all([...lent, job]);
    expect(order).toEqual(['lent to a', 'lent to b', 'a ended', 'lent to c', 'b ended', 'c ended']);
  });

  it('lends the worker again whose use began first', async () => {
    const pool = open({ threads: 2 });
    const gates = [gate(), gate(), gate()];
    const threads: number[] = [];
    const brief = { isBrief: () => true, mayFollow: () => true };
    const lend = (input: ProbeInput): Promise<void> =>
      pool.lend(async worker => void threads.push(await worker.run<ProbeInput, number>(probe, input)), brief);
    const [first, second] = [lend(gates[0]!.input), lend(gates[1]!.input)];
    gates[0]!.open();
    await first;
    const third = lend(gates[2]!.input);
    const behind = lend({ do: 'thread' });
    gates[1]!.open();
    await Promise.all([second, behind]);
    expect(threads).toEqual([threads[0], threads[1], threads[1]]);
    gates[2]!.open();
    await third;
    expect(threads[3]).toBe(threads[0]);
  });

  it('lends no worker again behind what takes long, nor past who waits for one', async () => {
    const pool = open();
    const held = gate();
    const mayFollow = { isBrief: () => true, mayFollow: () => true };
    let lent = 0;
    const use = async (): Promise<void> => {
      lent += 1;
    };
    const long = pool.lend(async worker => void (await worker.run(probe, held.input)));
    const behind = pool.lend(use, mayFollow);
    expect(lent).toBe(0);
    held.open();
    await Promise.all([long, behind]);

    const again = gate();
    const brief = pool.lend(async worker => void (await worker.run(probe, again.input)), { isBrief: () => true });
    const waits = ask(pool, { do: 'thread' });
    const last = pool.lend(use, mayFollow);
    expect(lent).toBe(1);
    again.open();
    await Promise.all([brief, waits, last]);
    expect(lent).toBe(2);
  });

  it('rejects every job of a thread that dies, and goes on', async () => {
    const pool = open();
    const outcomes: unknown[] = [];
    const use = (input: ProbeInput) => async (worker: LentWorker) => {
      outcomes.push(await worker.run(probe, input).catch(error => error));
    };
    await Promise.all([
      pool.lend(use({ do: 'die' }), { isBrief: () => true }),
      pool.lend(use({ do: 'thread' }), { isBrief: () => true, mayFollow: () => true }),
    ]);
    expect(outcomes).toEqual([
      expect.objectContaining({ code: 'WORKER_DIED' }),
      expect.objectContaining({ code: 'WORKER_DIED' }),
    ]);
    expect(await ask<number>(pool, { do: 'thread' })).toBeGreaterThan(0);
  });

  it('lends nothing when its queue is full or it is closed', async () => {
    const pool = open({ maxQueued: 1 });
    const held = gate();
    const jobs = [held.input, { do: 'thread' } as const].map(input => ask(pool, input));
    await expect(pool.lend(async () => {})).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    held.open();
    await Promise.all(jobs);
    await pool.close();
    await expect(pool.lend(async () => {})).rejects.toMatchObject({ code: 'POOL_CLOSED' });
  });

  it('lets the thread that asks go before its own', { skip: process.platform !== 'linux' }, async () => {
    const own = os.getPriority(0);
    expect(await ask(open(), { do: 'priority' })).toBe(Math.min(19, own + 5));
    expect(os.getPriority(0)).toBe(own);
  });

  it("keeps this process's own flags out of its threads", async () => {
    expect(await ask(open(), { do: 'execArgv' })).toEqual([]);
  });

  it('finishes what runs, rejects what waits and refuses what comes once it is closed', async () => {
    const pool = open();
    const held = gate();
    const running = ask<number>(pool, held.input);
    const waiting = ask(pool, { do: 'thread' });
    const closed = pool.close();
    await expect(waiting).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    await expect(ask(pool, { do: 'thread' })).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    held.open();
    expect(await running).toBeGreaterThan(0);
    await closed;
    await pool.close();
  });

  it('wants a positive number of threads and of waiting jobs', () => {
    expect(() => createOnnxPool({ threads: 0, maxQueued: 1 })).toThrow('threads: expected a positive integer, got 0');
    expect(() => createOnnxPool({ threads: 1, maxQueued: 0.5 })).toThrow(/maxQueued/);
  });
});
