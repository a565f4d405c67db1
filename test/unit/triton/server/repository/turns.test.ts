import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../../../triton/server/repository/turns.ts';

describe('turns', () => {
  it('go one after another for a model, whatever became of the one before, and beside those of others', async () => {
    const turns = createTurns({ maxPending: 8, maxBytes: 100 });
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = turns.take('a', 0, async () => {
      await gate.promise;
      order.push('first');
      throw new Error('first failed');
    });
    const second = turns.take('a', 0, async () => order.push('second'));
    await turns.take('b', 0, async () => order.push('other'));
    gate.resolve();
    await expect(first).rejects.toThrow('first failed');
    await second;
    expect(order).toEqual(['other', 'first', 'second']);
  });

  it('are bounded over all models, and free again afterwards', async () => {
    const turns = createTurns({ maxPending: 2, maxBytes: 100 });
    const gate = Promise.withResolvers<void>();
    const held = [turns.take('a', 0, () => gate.promise), turns.take('a', 0, () => gate.promise)];
    await expect(turns.take('b', 0, async () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    gate.resolve();
    await Promise.all(held);
    expect(await turns.take('b', 0, async () => 1)).toBe(1);
  });

  it('are bounded by the bytes that they hold, which one alone may exceed', async () => {
    const turns = createTurns({ maxPending: 8, maxBytes: 100 });
    const gate = Promise.withResolvers<void>();
    const large = turns.take('a', 1000, () => gate.promise);
    await expect(turns.take('b', 1, async () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    gate.resolve();
    await large;
    const held = Promise.withResolvers<void>();
    const half = turns.take('a', 60, () => held.promise);
    await expect(turns.take('b', 60, async () => {})).rejects.toThrow(/1 loads and unloads of 60 bytes wait or run/);
    expect(await turns.take('b', 40, async () => 1)).toBe(1);
    held.resolve();
    await half;
  });

  it('are settled when nothing runs, of those too that were taken meanwhile', async () => {
    const turns = createTurns({ maxPending: 8, maxBytes: 100 });
    let isDone = false;
    const first = turns.take('a', 0, async () => {
      void turns.take('b', 0, async () => {
        await new Promise(resolve => setImmediate(resolve));
        isDone = true;
      });
    });
    await turns.settled();
    expect(isDone).toBe(true);
    await first;
  });
});
