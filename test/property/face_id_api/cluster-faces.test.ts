import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterFaces, type FaceCluster } from '../../../face_id_api/core/cluster-faces.ts';
import { mostDifferent } from '../../../face_id_api/core/most-different.ts';
import { cosine } from '../../../face_id_api/core/similarity.ts';

const unit = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
  .filter(values => Math.hypot(...values) > 1e-3)
  .map(values => Float32Array.from(values, value => value / Math.hypot(...values)));
const faces = fc.array(unit, { maxLength: 14 });
const threshold = fc.double({ min: -0.5, max: 0.999, noNaN: true });

function at(degrees: number): Float32Array {
  const angle = (degrees / 180) * Math.PI;
  return Float32Array.of(Math.cos(angle), Math.sin(angle), 0);
}

const near = (a: Float32Array, b: Float32Array): number => cosine(a, 0, b, 0, a.length);

function cluster(vectors: readonly Float32Array[], from: number): FaceCluster[] {
  const steps = clusterFaces(vectors, from);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function between(vectors: readonly Float32Array[], a: readonly number[], b: readonly number[]): number {
  return mean(a.flatMap(i => b.map(j => near(vectors[i]!, vectors[j]!))));
}

/** Average linkage as it is defined: of all pairs of groups the nearest become one, until none is near enough. */
function byDefinition(vectors: readonly Float32Array[], from: number): number[][] {
  const groups = vectors.map((_, i) => [i]);
  for (;;) {
    let best = { score: Number.NEGATIVE_INFINITY, a: 0, b: 0 };
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        const score = between(vectors, groups[a]!, groups[b]!);
        if (score > best.score) best = { score, a, b };
      }
    }
    if (best.score < from) return groups.map(group => group.toSorted((a, b) => a - b));
    groups[best.a] = [...groups[best.a]!, ...groups.splice(best.b, 1)[0]!];
  }
}

describe('clusterFaces', () => {
  it('puts every face into one group, and says how alike its members are', () => {
    fc.assert(
      fc.property(faces, threshold, (vectors, from) => {
        const found = cluster(vectors, from);
        const all = found.flatMap(({ members }) => members).sort((a, b) => a - b);
        expect(all).toEqual(vectors.map((_, i) => i));
        for (const { members, cohesion } of found) {
          const pairs = members.flatMap((a, i) => members.slice(i + 1).map(b => near(vectors[a]!, vectors[b]!)));
          expect(cohesion).toBeCloseTo(pairs.length === 0 ? 1 : mean(pairs), 4);
        }
      }),
    );
  });

  it('leaves no two groups that are near enough on average', () => {
    fc.assert(
      fc.property(faces, threshold, (vectors, from) => {
        const found = cluster(vectors, from);
        for (const [i, { members: a }] of found.entries()) {
          for (const { members: b } of found.slice(i + 1)) expect(between(vectors, a, b)).toBeLessThan(from + 1e-5);
        }
      }),
    );
  });

  it('finds what average linkage is by its definition', () => {
    fc.assert(
      fc.property(faces, threshold, (vectors, from) => {
        // Of scores that are as good as equal either may come first.
        const expected = byDefinition(vectors, from);
        fc.pre(
          [-1e-4, 1e-4].every(by => JSON.stringify(byDefinition(vectors, from + by)) === JSON.stringify(expected)),
        );
        const scores = vectors.flatMap((a, i) => vectors.slice(i + 1).map(b => near(a, b))).sort((a, b) => a - b);
        fc.pre(scores.every((score, i) => i === 0 || score - scores[i - 1]! > 1e-4));
        const found = cluster(vectors, from).map(({ members }) => members);
        expect(found.map(String).sort()).toEqual(expected.map(String).sort());
      }),
      { numRuns: 300 },
    );
  });

  it('joins no two people by a face that lies between them', () => {
    const [first, second] = [
      [0, 4, 8],
      [60, 64, 68],
    ].map(group => group.map(at));
    const chain = [16, 24, 32, 40, 48, 56].map(at);
    const found = cluster([...first!, ...chain, ...second!], Math.cos((14 / 180) * Math.PI));
    // As connected components all twelve would be one.
    expect(found.every(({ members }) => !(members.includes(0) && members.includes(11)))).toBe(true);
    expect(found.length).toBeGreaterThan(2);
  });

  it('puts copies together, and orders groups by size, then by their first face', () => {
    const vectors = [at(90), at(0), at(0), at(180), at(0), at(90)];
    expect(cluster(vectors, 0.9).map(({ members }) => members)).toEqual([[1, 2, 4], [0, 5], [3]]);
    expect(cluster([], 0.9)).toEqual([]);
  });

  it('lets others have a turn between its looks', () => {
    const steps = clusterFaces([at(0), at(1), at(90)], 0.9);
    expect(steps.next().done).toBe(false);
  });
});

describe('mostDifferent', () => {
  it('takes each face once, and no more than are wanted', () => {
    fc.assert(
      fc.property(faces, fc.integer({ min: 0, max: 20 }), (vectors, count) => {
        const taken = mostDifferent(vectors, count);
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken).toHaveLength(Math.min(count, vectors.length));
      }),
    );
  });

  it('begins in the middle, and goes on with what is least like what it has', () => {
    expect(mostDifferent([0, 10, 20, 30, 90].map(at), 3)).toEqual([3, 4, 0]);
    expect(mostDifferent([at(0), at(0), at(0), at(40)], 2)).toEqual([0, 3]);
  });
});
