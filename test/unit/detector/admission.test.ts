import { expect, test } from 'vitest';
import { createAdmission } from '../../../detector/admission.ts';

const never = new AbortController().signal;
const open = () => createAdmission({ maxInside: 1, maxWaiting: 2, maxWaitingBytes: 100 });

test('a place that is freed goes to who waited longest', async () => {
  const admission = open();
  const order: string[] = [];
  const leave = await admission.enter(10, never);
  const second = admission.enter(10, never).then(free => {
    order.push('second');
    return free;
  });
  const third = admission.enter(10, never).then(free => {
    order.push('third');
    return free;
  });
  expect(order).toEqual([]);
  leave();
  (await second)();
  (await third)();
  expect(order).toEqual(['second', 'third']);
});

test('too many waiting, or too many bytes, is OVERLOADED with a time to come back', async () => {
  const overloaded = { code: 'OVERLOADED', retryAfterSeconds: 1 };
  const byCount = open();
  await byCount.enter(1, never);
  void byCount.enter(1, never);
  void byCount.enter(1, never);
  await expect(byCount.enter(1, never)).rejects.toMatchObject(overloaded);
  const byBytes = open();
  await byBytes.enter(1000, never);
  void byBytes.enter(60, never);
  await expect(byBytes.enter(60, never)).rejects.toMatchObject(overloaded);
});

test('who gives up leaves the line and its bytes free', async () => {
  const admission = open();
  const leave = await admission.enter(1, never);
  const impatient = new AbortController();
  const waiting = admission.enter(100, impatient.signal);
  impatient.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  const next = admission.enter(100, never);
  leave();
  expect(await next).toBeTypeOf('function');
});

test('leaving twice frees one place only; an aborted signal never enters', async () => {
  const admission = open();
  const leave = await admission.enter(1, never);
  leave();
  leave();
  await admission.enter(1, never);
  const second = admission.enter(1, never);
  const outcome = await Promise.race([second.then(() => 'inside'), Promise.resolve('waiting')]);
  expect(outcome).toBe('waiting');
  await expect(admission.enter(1, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
});
