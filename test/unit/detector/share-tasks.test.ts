import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { type RunTask, serveTasks, shareTasks } from '../../../detector/share-tasks.ts';

const values = (results: Awaited<ReturnType<typeof shareTasks>>) => results.map(([table]) => table![0]);

/** Multiplies; lets other work go first, as a network that runs elsewhere does. */
const times =
  (factor: number, seen?: number[]): RunTask<number> =>
  async task => {
    await new Promise(resolve => setImmediate(resolve));
    seen?.push(task);
    return [Float32Array.of(task * factor)];
  };

test('without helpers every task runs here, in order', async () => {
  expect(values(await shareTasks([], null, [1, 2, 3], times(10)))).toEqual([10, 20, 30]);
  expect(await shareTasks([], null, [], times(10))).toEqual([]);
});

test('a helper takes its part, on the subject that is handed over, list after list', async () => {
  const { port1, port2 } = new MessageChannel();
  const helped: number[] = [];
  const served = serveTasks<number, number>(port2, factor => times(factor, helped));
  const tasks = Array.from({ length: 40 }, (_, i) => i);
  for (const factor of [2, 3]) {
    helped.length = 0;
    const here: number[] = [];
    const results = await shareTasks([port1], factor, tasks, times(factor, here));
    expect(values(results)).toEqual(tasks.map(task => task * factor));
    expect(helped.length).toBeGreaterThan(0);
    expect([...here, ...helped].sort((a, b) => a - b)).toEqual(tasks);
  }
  port1.close();
  await served;
});

test('what a helper fails at is done here', async () => {
  const { port1, port2 } = new MessageChannel();
  const served = serveTasks<number, null>(port2, () => async () => {
    throw new Error('broken');
  });
  const tasks = Array.from({ length: 40 }, (_, i) => i);
  expect(values(await shareTasks([port1], null, tasks, times(2)))).toEqual(tasks.map(task => task * 2));
  port1.close();
  await served;
});

test('a helper that is gone in the middle of a task, or never came, is not waited for', async () => {
  const { port1, port2 } = new MessageChannel();
  let takes = 0;
  const served = serveTasks<number, null>(port2, () => () => {
    takes++;
    port2.close();
    return new Promise(() => {});
  });
  const absent = new MessageChannel();
  const tasks = Array.from({ length: 40 }, (_, i) => i);
  expect(values(await shareTasks([port1, absent.port1], null, tasks, times(2)))).toEqual(tasks.map(task => task * 2));
  expect(takes).toBe(1);
  await served;
  absent.port1.close();
});

test('an error here rejects once no helper is at work, and none begins another task', async () => {
  const { port1, port2 } = new MessageChannel();
  const begun = Promise.withResolvers<void>();
  let [takes, ended] = [0, 0];
  const served = serveTasks<number, null>(port2, () => async () => {
    takes += 1;
    begun.resolve();
    await new Promise(resolve => setTimeout(resolve, 100));
    ended += 1;
    return [];
  });
  const broken: RunTask<number> = async () => {
    await begun.promise;
    throw new Error('broken');
  };
  const tasks = Array.from({ length: 1000 }, (_, i) => i);
  await expect(shareTasks([port1], null, tasks, broken)).rejects.toThrow('broken');
  expect([takes, ended]).toEqual([1, 1]);
  port1.close();
  await served;
});
