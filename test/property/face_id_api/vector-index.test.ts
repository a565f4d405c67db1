import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds, type IdentityId } from '../../../face_id_api/core/identity-id.ts';
import { createVectorIndex } from '../../../face_id_api/core/vector-index.ts';

const dimension = 5;
/** Few distinct vectors and ids, so that ties, replacements and reused places happen often. */
const vector = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: dimension, maxLength: dimension })
  .filter(values => values.some(value => value !== 0))
  .map(values => Float32Array.from(values, value => value / Math.hypot(...values)));
const id: fc.Arbitrary<IdentityId> = fc.oneof(fc.nat({ max: 6 }), fc.constantFrom('0', '3', 'a', 'b'));
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      id,
      vectors: fc.array(vector, { minLength: 1, maxLength: 9 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
);

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('the vector index', () => {
  it('answers as a plain scan over everything that was added and not removed', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 40 }),
        vector,
        fc.integer({ min: 1, max: 12 }),
        (actions, probe, topK) => {
          const index = createVectorIndex(dimension);
          const plain = new Map<IdentityId, Float32Array[]>();
          for (const step of actions) {
            if (step.kind === 'add') {
              index.add(step.id, step.vectors);
              plain.set(step.id, [...(plain.get(step.id) ?? []), ...step.vectors]);
            } else if (step.kind === 'remove') {
              expect(index.remove(step.id)).toBe(plain.get(step.id)?.length ?? 0);
              plain.delete(step.id);
            } else {
              index.clear();
              plain.clear();
            }
          }
          const found = index.nearest(probe, topK);
          const best = new Map([...plain].map(([key, vectors]) => [key, Math.max(...vectors.map(v => dot(probe, v)))]));
          expect(found).toHaveLength(Math.min(topK, plain.size));
          for (const candidate of found) expect(candidate.score).toBeCloseTo(best.get(candidate.id) ?? Number.NaN, 6);
          for (let i = 1; i < found.length; i++) {
            const [a, b] = [found[i - 1]!, found[i]!];
            expect(a.score > b.score || (a.score === b.score && compareIds(a.id, b.id) < 0)).toBe(true);
          }
          const worst = found.at(-1)?.score ?? 0;
          for (const [key, score] of best) {
            if (!found.some(candidate => candidate.id === key)) expect(score).toBeLessThanOrEqual(worst + 1e-6);
          }
          expect(index.identities).toBe(plain.size);
          expect(index.templates).toBe([...plain.values()].reduce((sum, vectors) => sum + vectors.length, 0));
        },
      ),
    );
  });

  it('scores within [-1, 1] and a vector against itself with 1', () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        const index = createVectorIndex(dimension);
        index.add('a', [a]);
        expect(index.nearest(a, 1)[0]?.score).toBeCloseTo(1, 6);
        expect(Math.abs(index.nearest(b, 1)[0]?.score ?? 2)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
