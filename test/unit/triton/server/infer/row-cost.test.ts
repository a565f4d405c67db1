import { describe, expect, it } from 'vitest';
import { createRowCost } from '../../../../../triton/server/infer/row-cost.ts';

describe('batches for idle threads', () => {
  it('are divided once the model is known to take longer than that costs', () => {
    const cost = createRowCost();
    expect(cost.partsOf(8, 3)).toBe(1);
    cost.ran(2, 20);
    expect([cost.partsOf(8, 3), cost.partsOf(8, 0), cost.partsOf(1, 1)]).toEqual([4, 1, 2]);
  });

  it('stay whole for a model whose rows take next to nothing', () => {
    const cost = createRowCost();
    cost.ran(8, 0.4);
    expect(cost.partsOf(8, 3)).toBe(1);
  });

  it('follow a model that becomes faster or slower', () => {
    const cost = createRowCost();
    cost.ran(1, 100);
    for (let i = 0; i < 50; i++) cost.ran(1, 0.01);
    expect(cost.partsOf(8, 1)).toBe(1);
    for (let i = 0; i < 10; i++) cost.ran(1, 1);
    expect(cost.partsOf(8, 1)).toBe(2);
  });
});

it('a batch is brief once it is known to take a few milliseconds', () => {
  const cost = createRowCost();
  expect(cost.isBrief(1)).toBe(false);
  cost.ran(8, 2);
  expect([cost.isBrief(8), cost.isBrief(32)]).toEqual([true, false]);
});
