import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../../../triton/server/repository/turns.ts';

describe('turns', () => {
  it('go one after another for a model, whatever became of the one before, and beside those of others', async () => {
    const turns = createTurns(8);
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = turns.take('a', async () => {
      await gate.promise;
      order.push('first');
      throw new Error('first failed');
    });
    const second = turns.take('a', async () => order.push('second'));
    await turns.take('b', async () => order.push('other'));
    gate.resolve();
    await expect(first).rejects.toThrow('first failed');
    await second;
    expect(order).toEqual(['other', 'first', 'second']);
  });

  it('are bounded over all models, and free again afterwards', async () => {
    const turns = createTurns(2);
    const gate = Promise.withResolvers<void>();
    const held = [turns.take('a', () => gate.promise), turns.take('a', () => gate.promise)];
    await expect(turns.take('b', async () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    gate.resolve();
    await Promise.all(held);
    expect(await turns.take('b', async () => 1)).toBe(1);
  });

  it('are settled when nothing runs, of those too that were taken meanwhile', async () => {
    const turns = createTurns(8);
    let isDone = false;
    const first = turns.take('a', async () => {
      void turns.take('b', async () => {
        await new Promise(resolve => setImmediate(resolve));
        isDone = true;
      });
    });
    await turns.settled();
    expect(isDone).toBe(true);
    await first;
  });
});
