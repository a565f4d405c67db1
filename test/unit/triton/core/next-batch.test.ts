import { describe, expect, it } from 'vitest';
import { nextBatch } from '../../../../triton/core/next-batch.ts';

const requests = (...sizes: readonly number[]) => sizes.map(batchSize => ({ batchSize, shapeKey: '' }));
const rules = { maxBatchSize: 8, preferredSizes: [4, 8], maxDelay: 10 };

describe('the next batch', () => {
  it('is none of an empty queue', () => {
    expect(nextBatch([], rules, 0)).toBeUndefined();
  });

  it('waits for more while it may', () => {
    expect(nextBatch(requests(1, 1), rules, 3)).toEqual({ kind: 'wait', remaining: 7 });
  });

  it('runs what there is when the oldest has waited long enough, or nothing may wait', () => {
    expect(nextBatch(requests(1, 1), rules, 10)).toEqual({ kind: 'run', count: 2 });
    expect(nextBatch(requests(1, 1, 1, 1, 1), rules, 10)).toEqual({ kind: 'run', count: 5 });
    expect(nextBatch(requests(1, 1, 1), { ...rules, maxDelay: 0 }, 0)).toEqual({ kind: 'run', count: 3 });
  });

  it('runs the largest preferred size at once', () => {
    expect(nextBatch(requests(1, 1, 1, 1, 1), rules, 0)).toEqual({ kind: 'run', count: 4 });
    expect(nextBatch(requests(4, 4, 1), rules, 0)).toEqual({ kind: 'run', count: 2 });
    expect(nextBatch(requests(3, 1, 1), { ...rules, maxDelay: 0 }, 0)).toEqual({ kind: 'run', count: 2 });
  });

  it('runs what cannot grow: the next does not fit, or has other shapes', () => {
    expect(nextBatch(requests(3, 6), rules, 0)).toEqual({ kind: 'run', count: 1 });
    expect(nextBatch(requests(8), { ...rules, preferredSizes: [] }, 0)).toEqual({ kind: 'run', count: 1 });
    const mixed = [
      { batchSize: 1, shapeKey: '3' },
      { batchSize: 1, shapeKey: '5' },
    ];
    expect(nextBatch(mixed, rules, 0)).toEqual({ kind: 'run', count: 1 });
  });

  it('does not wait beyond the largest preferred size', () => {
    expect(nextBatch(requests(3, 2), { ...rules, preferredSizes: [4] }, 0)).toEqual({ kind: 'run', count: 2 });
  });

  it('runs requests one by one where nothing may be batched', () => {
    const alone = { maxBatchSize: 0, preferredSizes: [], maxDelay: 0 };
    expect(nextBatch(requests(5, 5), alone, 0)).toEqual({ kind: 'run', count: 1 });
    expect(nextBatch(requests(0, 0), alone, 0)).toEqual({ kind: 'run', count: 1 });
  });
});
