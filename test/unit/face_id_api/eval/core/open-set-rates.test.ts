import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clopperPearson } from '../../../../../face_id_api/eval/core/clopper-pearson.ts';
import {
  fnirAt,
  fpirAt,
  isMissed,
  type MatedSearch,
  type NonMatedSearch,
  openSetCurve,
  rankOneRate,
  thresholdAtFpir,
} from '../../../../../face_id_api/eval/core/open-set-rates.ts';

const mated = (person: number, mate: number, other = 0): MatedSearch => ({ person, scores: { mate, other } });
const failed = (person: number): MatedSearch => ({ person, scores: null });
const stranger = (best: number | null): NonMatedSearch => ({ best });
/** 0, 0.001, …: as single precision has them. */
const strangers = (count: number) => Array.from({ length: count }, (_, i) => stranger(Math.fround(i / 1000)));

describe('thresholdAtFpir', () => {
  it('is the lowest at which at most that share of strangers is named', () => {
    const searches = strangers(1000);
    const found = thresholdAtFpir(searches, 0.01)!;
    expect(fpirAt(searches, found.threshold)).toMatchObject({ hits: 10, trials: 1000, rate: 0.01 });
    expect(fpirAt(searches, found.threshold - 1e-5).hits).toBe(11);
  });

  it('is supported by 30 strangers who may be named', () => {
    expect(thresholdAtFpir(strangers(2999), 0.01)?.supported).toBe(false);
    expect(thresholdAtFpir(strangers(3000), 0.01)?.supported).toBe(true);
  });

  it('counts a stranger without a usable face as a search that names nobody', () => {
    const searches = [...strangers(50), ...Array.from({ length: 50 }, () => stranger(null))];
    expect(fpirAt(searches, thresholdAtFpir(searches, 0.1)!.threshold)).toMatchObject({ hits: 10, trials: 100 });
  });

  it('is none where no stranger may be named, or all may', () => {
    expect(thresholdAtFpir(strangers(99), 0.01)).toBeNull();
    expect(thresholdAtFpir([stranger(0.5), ...Array.from({ length: 99 }, () => stranger(null))], 0.01)).toBeNull();
    expect(thresholdAtFpir([], 0.01)).toBeNull();
  });

  it('leaves ties on the safe side', () => {
    const searches = Array.from({ length: 200 }, (_, i) => stranger(i < 100 ? 0.5 : 0.25));
    expect(fpirAt(searches, thresholdAtFpir(searches, 0.1)!.threshold).hits).toBe(0);
  });
});

describe('fnirAt', () => {
  it('counts who is missed: too low, somebody else nearer, or no face', () => {
    const searches = [mated(0, 0.9, 0.1), mated(0, 0.4, 0.1), mated(1, 0.8, 0.85), failed(1)];
    expect(searches.map(search => isMissed(search, 0.5))).toEqual([false, true, true, true]);
    expect(fnirAt(searches, 0.5)).toMatchObject({ hits: 3, trials: 4, rate: 0.75 });
    expect(rankOneRate(searches)).toMatchObject({ hits: 2, trials: 4 });
  });

  it('finds whose score is the threshold, and not who shares it with somebody else', () => {
    expect(isMissed(mated(0, 0.5), 0.5)).toBe(false);
    expect(isMissed(mated(0, 0.5, 0.5), 0.1)).toBe(true);
  });

  it('takes people, not photos, as the sample of its bounds', () => {
    const onePerson = Array.from({ length: 100 }, (_, i) => mated(Math.floor(i / 10), i < 10 ? 0.1 : 0.9));
    expect(fnirAt(onePerson, 0.5).rate).toBe(0.1);
    expect(fnirAt(onePerson, 0.5).bounds[1]).toBeGreaterThan(clopperPearson(10, 100)[1]);
  });
});

describe('openSetCurve', () => {
  it('agrees with the rates at each of its thresholds', () => {
    const score = fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround);
    const mate = fc.record({ person: fc.nat(3), scores: fc.option(fc.record({ mate: score, other: score })) });
    fc.assert(
      fc.property(fc.array(mate, { minLength: 1 }), fc.array(fc.option(score), { minLength: 1 }), (people, best) => {
        const nonMated = best.map(stranger);
        const curve = openSetCurve({ mated: people, nonMated });
        for (const { threshold, fpir, fnir } of curve) {
          expect(fpir).toBeCloseTo(fpirAt(nonMated, threshold).rate, 12);
          expect(fnir).toBeCloseTo(fnirAt(people, threshold).rate, 12);
        }
        const found = people.filter(({ scores }) => scores !== null && scores.mate > scores.other);
        expect(curve).toHaveLength(new Set(found.map(({ scores }) => scores!.mate)).size);
      }),
    );
  });
});
