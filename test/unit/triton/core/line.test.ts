import { expect, it } from 'vitest';
import { createLine } from '../../../../triton/core/line.ts';

it('keeps the order of arrival, and lets anybody leave once', () => {
  const line = createLine<string>();
  for (const item of ['a', 'b', 'c', 'd']) line.add(item);
  expect([line.delete('c'), line.delete('a'), line.delete('a'), line.delete('x')]).toEqual([true, true, false, false]);
  line.add('a');
  expect([...line]).toEqual(['b', 'd', 'a']);
  expect(line.size).toBe(3);
});
