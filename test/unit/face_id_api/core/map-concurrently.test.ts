import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../../../face_id_api/core/map-concurrently.ts';

const { signal } = new AbortController();
const turn = () => new Promise(resolve => setImmediate(resolve));

describe('mapConcurrently', () => {
  it('keeps the order and the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrently([5, 1, 3, 0, 2], { limit: 3, signal }, async n => {
      most = Math.max(most, ++running);
      for (let i = 0; i < n; i++) await turn();
      running -= 1;
      return n * 2;
    });
    expect(results).toEqual([10, 2, 6, 0, 4]);
    expect(most).toBe(3);
  });

  it('rejects with what failed first, aborts the others, waits for them and starts nothing more', async () => {
    const started: number[] = [];
    let ended = false;
    const work = mapConcurrently([0, 1, 2, 3], { limit: 2, signal }, async (n, _, inner) => {
      started.push(n);
      if (n === 0) throw new Error('first');
      await new Promise(resolve => inner.addEventListener('abort', resolve));
      await turn();
      ended = true;
      throw new Error('echo');
    });
    await expect(work).rejects.toThrow('first');
    expect(started).toEqual([0, 1]);
    expect(ended).toBe(true);
  });

  it('does nothing under a signal that has fired', async () => {
    const over = AbortSignal.abort(new Error('too late'));
    let calls = 0;
    await expect(mapConcurrently([1], { limit: 1, signal: over }, async () => ++calls)).rejects.toThrow('too late');
    expect(calls).toBe(0);
  });

  it('answers nothing for nothing', async () => {
    expect(await mapConcurrently([], { limit: 2, signal }, async () => 1)).toEqual([]);
  });
});
