import { describe, expect, it } from 'vitest';
import {
  discardCurve,
  discardGain,
  type JudgedProbe,
  largestDiscard,
} from '../../../../../face_id_api/eval/core/discard-curve.ts';

/** A hundred probes of ten people, quality by index; every so-manieth of those below `worst` is an error. */
function probes(isError: (index: number) => boolean, quality = (index: number): number => index): JudgedProbe[] {
  return Array.from({ length: 100 }, (_, i) => ({ person: i % 10, quality: quality(i), isError: isError(i) }));
}

describe('discardCurve', () => {
  it('starts at the error rate of all and leaves out the lowest first', () => {
    const curve = discardCurve(probes(i => i < 20));
    expect(curve).toHaveLength(31);
    expect(curve[0]).toEqual({ discarded: 0, errorRate: 0.2 });
    // Ten of the twenty errors are gone, ninety are kept.
    expect(curve[10]!.discarded).toBeCloseTo(0.1, 12);
    expect(curve[10]!.errorRate).toBeCloseTo(10 / 90, 12);
    expect(curve[20]!.errorRate).toBeCloseTo(0, 12);
    expect(curve.at(-1)!.discarded).toBeCloseTo(largestDiscard, 12);
  });

  it('leaves of probes that it cannot tell apart the same share of errors', () => {
    const curve = discardCurve(
      probes(
        i => i < 20,
        () => 1,
      ),
    );
    for (const { errorRate } of curve) expect(errorRate).toBeCloseTo(0.2, 12);
  });

  it('does not depend on the order of the probes', () => {
    const some = probes(
      i => i % 7 === 0,
      i => i % 13,
    );
    expect(discardCurve(some.toReversed())).toEqual(discardCurve(some));
  });

  it('splits a probe where the share falls inside it', () => {
    const three: JudgedProbe[] = [0, 1, 2].map(i => ({ person: i, quality: i, isError: i === 0 }));
    // 30 % of three probes is nine tenths of the worst one: 0.1 errors in 2.1 probes.
    expect(discardCurve(three).at(-1)!.errorRate).toBeCloseTo(0.1 / 2.1, 12);
  });
});

describe('discardGain', () => {
  it('is 1 for a measure that puts every error first, and 0 for one that tells nothing', () => {
    expect(discardGain(probes(i => i < 20)).gain).toBeCloseTo(1, 12);
    const { gain, bounds } = discardGain(
      probes(
        i => i < 20,
        () => 1,
      ),
    );
    expect(gain).toBeCloseTo(0, 12);
    expect(bounds[0]).toBeLessThanOrEqual(1e-9);
  });

  it('is below 0 for one that keeps the errors', () => {
    expect(
      discardGain(
        probes(
          i => i < 20,
          i => -i,
        ),
      ).bounds[1],
    ).toBeLessThan(0);
  });

  it('is surer of what holds for everybody than of what holds for one person', () => {
    const wide = ({ bounds }: { bounds: readonly [number, number] }): number => bounds[1] - bounds[0];
    const everybody = discardGain(probes(i => i < 10 || i >= 90));
    // All photos of one person are missed and known to be poor; of everybody else the best one is missed.
    const one = discardGain(
      probes(
        i => i % 10 === 0 || i >= 90,
        i => (i % 10 === 0 ? -1 : i),
      ),
    );
    expect(wide(everybody)).toBeLessThan(wide(one));
  });

  it('says nothing without an error or of one person', () => {
    expect(discardGain(probes(() => false)).gain).toBeNaN();
    expect(
      discardGain([
        { person: 0, quality: 0, isError: true },
        { person: 0, quality: 1, isError: false },
      ]).bounds[0],
    ).toBeNaN();
  });
});
