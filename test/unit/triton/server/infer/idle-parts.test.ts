import { describe, expect, it } from 'vitest';
import { createIdleParts } from '../../../../../triton/server/infer/idle-parts.ts';

describe('batches for idle threads', () => {
  it('are divided once the model is known to take longer than that costs', () => {
    const parts = createIdleParts();
    expect(parts.partsOf(8, 3)).toBe(1);
    parts.ran(2, 20);
    expect([parts.partsOf(8, 3), parts.partsOf(8, 0), parts.partsOf(1, 1)]).toEqual([4, 1, 2]);
  });

  it('stay whole for a model whose rows take next to nothing', () => {
    const parts = createIdleParts();
    parts.ran(8, 0.4);
    expect(parts.partsOf(8, 3)).toBe(1);
  });

  it('follow a model that becomes faster or slower', () => {
    const parts = createIdleParts();
    parts.ran(1, 100);
    for (let i = 0; i < 50; i++) parts.ran(1, 0.01);
    expect(parts.partsOf(8, 1)).toBe(1);
    for (let i = 0; i < 10; i++) parts.ran(1, 1);
    expect(parts.partsOf(8, 1)).toBe(2);
  });
});
