import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTemplateRows } from '../../../face_id_api/core/template-rows.ts';

const dimension = 5;
/** Few distinct vectors, so that ties happen often. */
const vector = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: dimension, maxLength: dimension })
  .filter(values => values.some(value => value !== 0))
  .map(values => Float32Array.from(values, value => value / Math.hypot(...values)));
const action = fc.oneof(
  {
    weight: 5,
    // Now and then more than a chunk holds, so that chunks empty, are packed and are taken again.
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      gap: fc.integer({ min: 1, max: 3 }),
      vectors: fc.array(vector, { minLength: 1, maxLength: 9 }),
      times: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(20) }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      from: fc.nat(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
);

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('the rows of templates', () => {
  it('answer as a plain scan over everything that was added and not removed', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 20 }),
        vector,
        fc.integer({ min: 1, max: 12 }),
        fc.nat({ max: 50 }),
        (actions, probe, topK, count) => {
          const rows = createTemplateRows(dimension, 16);
          const plain = new Map<number, Float32Array>();
          let last = 0;
          for (const step of actions) {
            if (step.kind === 'add') {
              rows.reserve(step.vectors.length * step.times);
              for (let i = 0; i < step.vectors.length * step.times; i++) {
                last += step.gap;
                const one = step.vectors[i % step.vectors.length]!;
                rows.add(last, one);
                plain.set(last, one);
              }
            } else if (step.kind === 'remove') {
              const keys = [...plain.keys()];
              const start = step.from % (keys.length + 1);
              for (const key of keys.slice(start, start + Math.ceil(keys.length * step.share))) {
                expect(rows.remove(key)).toBe(true);
                expect(rows.remove(key)).toBe(false);
                plain.delete(key);
              }
            } else {
              rows.clear();
              plain.clear();
            }
          }
          expect(rows.size).toBe(plain.size);
          const found = rows.nearest(probe, topK);
          const scores = [...plain].map(([key, values]) => ({ key, score: dot(probe, values) }));
          scores.sort((a, b) => b.score - a.score);
          expect(found).toHaveLength(Math.min(topK, plain.size));
          for (const [i, { key, score }] of found.entries()) {
            expect(score).toBeCloseTo(scores[i]!.score, 6);
            expect(score).toBeCloseTo(dot(probe, plain.get(key)!), 6);
            expect(rows.has(key)).toBe(true);
            const before = found[i - 1];
            if (before) expect(before.score > score || (before.score === score && before.key < key)).toBe(true);
          }
          const behind = Math.floor(last / 2);
          const next = [...plain].filter(([key]) => key > behind).slice(0, count);
          const fed = rows.after(behind, count);
          expect(fed.keys).toEqual(next.map(([key]) => key));
          expect([...fed.vectors]).toEqual(next.flatMap(([, values]) => [...values]));
        },
      ),
    );
  });

  it('score within [-1, 1], a vector against itself with 1, and keep a copy', () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        const rows = createTemplateRows(dimension);
        const given = a.slice();
        rows.add(1, given);
        given.fill(0);
        expect(rows.nearest(a, 1)[0]?.score).toBeCloseTo(1, 6);
        expect(Math.abs(rows.nearest(b, 1)[0]?.score ?? 2)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
