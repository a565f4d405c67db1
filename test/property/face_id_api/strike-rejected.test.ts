import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, decide } from '../../../face_id_api/core/decide.ts';
import { cosine } from '../../../face_id_api/core/similarity.ts';
import {
  candidatesToList,
  isStruck,
  nearestRejection,
  strikeRejected,
} from '../../../face_id_api/core/strike-rejected.ts';

const score = fc.double({ min: -1, max: 1, noNaN: true });
const candidates = fc
  .uniqueArray(fc.record({ id: fc.nat(), score, rejection: score }, { requiredKeys: ['id', 'score'] }), {
    selector: ({ id }) => id,
    maxLength: 6,
  })
  .map(all => all.sort((a, b) => b.score - a.score) as Candidate[]);
const unit = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .filter(values => Math.hypot(...values) > 1e-3)
  .map(values => Float32Array.from(values, value => value / Math.hypot(...values)));

const rule = (threshold: number, margin = 0) => ({ threshold, margin, fmr: null, curve: null });
const near = (a: Float32Array, b: Float32Array): number => cosine(a, 0, b, 0, a.length);

describe('a rejected face', () => {
  it('leaves a photo to the identity that it is at least as near to, wherever the faces lie', () => {
    fc.assert(
      fc.property(unit, fc.array(unit, { minLength: 1 }), fc.array(unit), score, (probe, templates, rejected, at) => {
        const own = Math.max(...templates.map(template => near(probe, template)));
        fc.pre(rejected.every(face => near(probe, face) <= own));
        const rejection = nearestRejection(probe, rejected);
        const candidate = { id: 'x', score: own, ...(rejection !== undefined && { rejection }) };
        expect(isStruck(candidate, at)).toBe(false);
        const { decision } = decide(strikeRejected([candidate], at), rule(at));
        expect(decision).toBe(own >= at ? 'match' : 'unknown');
      }),
    );
  });

  it('never lets its identity be named for a face that is nearer to it and reaches the threshold', () => {
    fc.assert(
      fc.property(candidates, score, score, (all, threshold, margin) => {
        const { decision, id } = decide(strikeRejected(all, threshold), rule(threshold, Math.abs(margin)));
        const named = all.find(candidate => candidate.id === id);
        if (decision !== 'match' || named?.rejection === undefined) return;
        expect(named.rejection < threshold || named.rejection <= named.score).toBe(true);
      }),
    );
  });

  it('does nothing where it is too far to be the same face, and nothing to anybody else', () => {
    fc.assert(
      fc.property(candidates, score, (all, threshold) => {
        const without = all.map(({ id, score: own }) => ({ id, score: own }));
        const far = all.map(candidate => ({ ...candidate, rejection: threshold - 1e-9 }));
        expect(decide(strikeRejected(far, threshold), rule(threshold))).toEqual(decide(without, rule(threshold)));
        const left = strikeRejected(all, threshold);
        expect(left).toEqual(all.filter(candidate => !isStruck(candidate, threshold)));
        expect(all.filter(({ rejection }) => rejection === undefined).every(one => left.includes(one))).toBe(true);
      }),
    );
  });

  it('is the nearest of several, and none of none', () => {
    expect(nearestRejection(Float32Array.of(1, 0), [])).toBeUndefined();
    const faces = [Float32Array.of(0, 1), Float32Array.of(0.6, 0.8), Float32Array.of(-1, 0)];
    expect(nearestRejection(Float32Array.of(1, 0), faces)).toBeCloseTo(0.6, 6);
  });
});

describe('the candidates of an answer', () => {
  it('hold the one that counts, and of an ambiguous face both, however many are struck before them', () => {
    fc.assert(
      fc.property(candidates, score, fc.integer({ min: 0, max: 4 }), fc.boolean(), (all, at, topK, isAmbiguous) => {
        const left = strikeRejected(all, at);
        const listed = candidatesToList(all, left, { topK, isAmbiguous });
        if (topK === 0 && !isAmbiguous) return void expect(listed).toBeNull();
        const counting = left.slice(0, isAmbiguous ? 2 : 1);
        for (const candidate of counting) expect(listed).toContain(candidate);
        expect(listed?.length).toBeGreaterThanOrEqual(Math.min(topK, all.length));
        // In their order, without a gap, where struck ones are shown too.
        if (topK > 0) expect(all.slice(0, listed?.length)).toEqual(listed);
      }),
    );
  });
});
