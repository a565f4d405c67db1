import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBatch } from '../../../triton/core/next-batch.ts';

const rules = fc.integer({ min: 1, max: 32 }).chain(maxBatchSize =>
  fc.record({
    maxBatchSize: fc.constant(maxBatchSize),
    preferredSizes: fc.array(fc.integer({ min: 1, max: maxBatchSize }), { maxLength: 3 }),
    maxDelay: fc.integer({ min: 0, max: 10 }),
  }),
);
const queueOf = (maxBatchSize: number) =>
  fc.array(
    fc.record({ batchSize: fc.integer({ min: 1, max: maxBatchSize }), shapeKey: fc.constantFrom('a', 'a', 'a', 'b') }),
    { minLength: 1, maxLength: 40 },
  );
const cases = rules.chain(rule =>
  fc.record({ rule: fc.constant(rule), queue: queueOf(rule.maxBatchSize), age: fc.integer({ min: 0, max: 12 }) }),
);

describe('the next batch', () => {
  it('is a prefix of equal shapes that fits, and waits only within the delay', () => {
    fc.assert(
      fc.property(cases, ({ rule, queue, age }) => {
        const decision = nextBatch(queue, rule, age);
        if (decision?.kind === 'wait') {
          expect(decision.remaining).toBeGreaterThan(0);
          expect(decision.remaining).toBeLessThanOrEqual(rule.maxDelay);
          return;
        }
        const batch = queue.slice(0, decision?.count);
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.reduce((sum, { batchSize }) => sum + batchSize, 0)).toBeLessThanOrEqual(rule.maxBatchSize);
        expect(new Set(batch.map(({ shapeKey }) => shapeKey)).size).toBe(1);
      }),
    );
  });

  it('always empties a queue that nobody adds to', () => {
    fc.assert(
      fc.property(cases, ({ rule, queue }) => {
        const rest = [...queue];
        for (let steps = 0; rest.length > 0; steps++) {
          expect(steps).toBeLessThanOrEqual(queue.length);
          const decision = nextBatch(rest, rule, rule.maxDelay);
          expect(decision?.kind).toBe('run');
          rest.splice(0, decision?.kind === 'run' ? decision.count : 0);
        }
      }),
    );
  });
});
