import { describe, expect, it } from 'vitest';
import { createModelCounter } from '../../../../../triton/server/infer/model-counts.ts';

const batch = { totalMs: 10, inputMs: 1, inferMs: 5, outputMs: 2 };

describe('the counts of a model version', () => {
  it("count each request of a batch with its batch's time whole, and each batch once by its rows", () => {
    const counter = createModelCounter();
    counter.executed({ ...batch, waitedMs: [3, 1], rows: 4 });
    counter.executed({ ...batch, waitedMs: [0], rows: 1 });
    counter.executed({ ...batch, waitedMs: [0], rows: 4 });
    const { rows, executions, requests, batches } = counter.read();
    expect([rows, executions]).toEqual([9, 3]);
    expect(requests).toEqual({
      success: { count: 4, ms: 44 },
      // 4 ms waiting for a batch, and 2 ms of each batch for a thread.
      queue: { count: 4, ms: 12 },
      input: { count: 4, ms: 4 },
      infer: { count: 4, ms: 20 },
      output: { count: 4, ms: 8 },
    });
    expect(batches).toEqual([
      { rows: 1, input: { count: 1, ms: 1 }, infer: { count: 1, ms: 5 }, output: { count: 1, ms: 2 } },
      { rows: 4, input: { count: 2, ms: 2 }, infer: { count: 2, ms: 10 }, output: { count: 2, ms: 4 } },
    ]);
  });

  it('hold failures by their reason, apart from what succeeded', () => {
    const counter = createModelCounter();
    counter.failed('REJECTED', 7);
    counter.failed('REJECTED', 1);
    counter.failed('BACKEND', 2);
    const { failures, requests, lastInferenceMs, batches } = counter.read();
    expect(failures).toEqual({
      OTHER: { count: 0, ms: 0 },
      BACKEND: { count: 1, ms: 2 },
      CANCELED: { count: 0, ms: 0 },
      REJECTED: { count: 2, ms: 8 },
    });
    expect({ success: requests.success.count, lastInferenceMs, batches }).toEqual({
      success: 0,
      lastInferenceMs: 0,
      batches: [],
    });
  });

  it('take no time back where the parts of a batch are more than the whole', () => {
    const counter = createModelCounter();
    counter.executed({ totalMs: 7, inputMs: 1, inferMs: 5, outputMs: 2, waitedMs: [1], rows: 1 });
    expect(counter.read().requests.queue).toEqual({ count: 1, ms: 1 });
  });
});
