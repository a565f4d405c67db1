import { describe, expect, it } from 'vitest';
import {
  compareModels,
  type ModelComparison,
  type Probe,
} from '../../../../face_id_api/reembed/core/compare-models.ts';
import { type LabelledVectors, lookUp, spread } from '../../../../face_id_api/reembed/core/leave-one-out.ts';
import { describeComparison } from '../../../../face_id_api/reembed/reembed-report.ts';

const dimension = 16;

/** Numbers from -1 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Photos of people as a model sees them: the person's direction and as much chance as `noise` says. */
function people(sizes: readonly number[], noise: number, seed: number): LabelledVectors {
  const random = seeded(seed);
  const direction = (): number[] => Array.from({ length: dimension }, random);
  const rows = sizes.flatMap((size, owner) => {
    const person = direction();
    return Array.from({ length: size }, () => {
      const row = direction().map((chance, k) => person[k]! + noise * chance);
      return { owner, row: row.map(value => value / Math.hypot(...row)) };
    });
  });
  const owners = Int32Array.from(rows, ({ owner }) => owner);
  return { dimension, values: Float32Array.from(rows.flatMap(({ row }) => row)), owners };
}

function compare(before: LabelledVectors, after: LabelledVectors): ModelComparison {
  const probes = Array.from(before.owners, (owner, i): Probe => {
    return { owner, before: lookUp(before, i), after: lookUp(after, i) };
  });
  return compareModels(probes);
}

const several = Array.from({ length: 60 }, (_, i) => 1 + (i % 4));

describe('looking up with the own template left out', () => {
  it('finds the best of the same and of another person', () => {
    const at = (degrees: number): number[] => [
      Math.cos((degrees * Math.PI) / 180),
      Math.sin((degrees * Math.PI) / 180),
    ];
    const values = Float32Array.from([0, 20, 50, 60, 170].flatMap(at));
    const vectors = { dimension: 2, values, owners: Int32Array.of(7, 7, 3, 4, 3) };
    const found = lookUp(vectors, 0);
    expect(found.mate).toBeCloseTo(Math.cos((20 * Math.PI) / 180), 6);
    expect(found.other).toBeCloseTo(Math.cos((50 * Math.PI) / 180), 6);
    expect(found.otherOwner).toBe(3);
    expect(lookUp(vectors, 3)).toMatchObject({ mate: Number.NEGATIVE_INFINITY, otherOwner: 3 });
    const alone = { dimension: 2, values: values.subarray(0, 2), owners: Int32Array.of(7) };
    expect(lookUp(alone, 0)).toEqual({
      mate: Number.NEGATIVE_INFINITY,
      other: Number.NEGATIVE_INFINITY,
      otherOwner: -1,
    });
  });

  it('spreads the probes over all', () => {
    expect(spread(5, 10)).toEqual([0, 1, 2, 3, 4]);
    expect(spread(10, 3)).toEqual([1, 5, 8]);
    expect(spread(0, 3)).toEqual([]);
  });
});

describe('comparing two models', () => {
  const good = people(several, 0.5, 1);
  const poor = people(several, 3, 2);

  it('finds no difference between a model and itself', () => {
    const same = compare(good, good);
    expect(same).toMatchObject({ verdict: 'no different', people: { fewer: 0, more: 0 }, sameNearest: { rate: 1 } });
    expect(same.after).toEqual(same.before);
    // One of four people has a single photo, by which nobody can be found.
    expect(same.before.rank1.trials).toBe(15 * (2 + 3 + 4));
    expect(same.before.fpir.trials).toBe(60);
    expect(same.before.fpir.rate).toBe(0);
  });

  it('says which one is worse, whichever comes first', () => {
    const worse = compare(good, poor);
    expect(worse.verdict).toBe('worse');
    expect(worse.after.fnir.rate).toBeGreaterThan(worse.before.fnir.bounds[1]);
    expect(worse.after.rank1.rate).toBeLessThan(worse.before.rank1.bounds[0]);
    expect(worse.people.fewerShare.bounds[0]).toBeGreaterThan(0.5);
    expect(worse.sameNearest.rate).toBeLessThan(0.9);
    const better = compare(poor, good);
    expect(better.verdict).toBe('better');
    expect(better.people).toMatchObject({ fewer: worse.people.more, more: worse.people.fewer });
  });

  it('makes nothing of a difference that chance explains', () => {
    const other = people(several, 0.5, 3);
    expect(compare(good, other).verdict).toBe('no different');
    // Three people are no proof, whatever becomes of them.
    const few = several.slice(0, 4);
    expect(compare(people(few, 0.5, 1), people(few, 3, 2)).verdict).toBe('no different');
  });

  it('does not take photos of one person for independent', () => {
    const photos = compare(people([40, 40, 40], 0.1, 1), people([40, 40, 40], 0.1, 1)).before.rank1;
    expect(photos).toMatchObject({ hits: 120, trials: 120 });
    // As three trials, not 120.
    expect(photos.bounds[0]).toBeLessThan(0.4);
  });

  it('takes at most one stranger of a hundred for somebody', () => {
    const many = people(
      Array.from({ length: 250 }, () => 1),
      1,
      5,
    );
    const comparison = compare(many, many);
    expect(comparison.before.fpir).toMatchObject({ hits: 2, trials: 250 });
    expect(comparison.before.cut).toBeGreaterThan(0);
    // Two are few to set a threshold by.
    expect(describeComparison(comparison).join('\n')).toContain('rest on 2 and 2 of 250 strangers, fewer than 30');
  });

  it.each([
    ['nobody has two photos', [1, 1, 1, 1]],
    ['there is one person', [5]],
    ['there is nobody', []],
  ])('cannot tell where %s', (_, sizes) => {
    const vectors = people(sizes, 0.5, 1);
    const { verdict, before } = compare(vectors, vectors);
    expect(verdict).toBe('unknown');
    expect(before.fnir.rate === null || before.cut === null).toBe(true);
  });
});
