import { describe, expect, it } from 'vitest';
import {
  clusteredFmr,
  forEachImpostorPair,
  type ImpostorScores,
} from '../../../../../face_id_api/eval/core/clustered-fmr.ts';

/** Score 1 for the pairs of photos that `matches` names, 0 for the others. */
function impostors(people: number[], matches: (first: number, second: number) => boolean): ImpostorScores {
  const scores: number[] = [];
  const owners = Int32Array.from(people);
  forEachImpostorPair(owners, (first, second) => scores.push(matches(first, second) ? 1 : 0));
  return { people: owners, scores: Float32Array.from(scores) };
}

const everybodyOnce = Array.from({ length: 100 }, (_, person) => person);

describe('forEachImpostorPair', () => {
  it('visits every two photos of two people once', () => {
    const visited: number[][] = [];
    forEachImpostorPair(Int32Array.of(0, 0, 1), (...pair) => visited.push(pair));
    expect(visited).toEqual([
      [0, 2, 0],
      [1, 2, 1],
    ]);
  });
});

describe('clusteredFmr', () => {
  it('counts errors that people do not share as what they are', () => {
    // Fifty pairs of people, each matching once and nobody twice.
    const measured = clusteredFmr(
      impostors(everybodyOnce, (a, b) => b === a + 1 && a % 2 === 0),
      0.5,
    );
    expect(measured.falseMatches).toBe(50);
    expect(measured.fmr).toBeCloseTo(50 / 4950, 12);
    expect(measured.effectiveErrors).toBe(50);
  });

  it('counts one person who matches everybody as one error', () => {
    const measured = clusteredFmr(
      impostors(everybodyOnce, a => a === 0),
      0.5,
    );
    expect(measured.falseMatches).toBe(99);
    // By hand: p = 0.02, Σ R² = 97.02² + 99 · 0.98², Σ r² = 99 · 0.98² + 4851 · 0.02²; 99² / (Σ R² − Σ r²).
    expect(measured.effectiveErrors).toBeCloseTo(99 ** 2 / (97.02 ** 2 - 4851 * 0.02 ** 2), 6);
    expect(measured.bounds[1]).toBeGreaterThan(4 * measured.fmr);
  });

  it('counts many photos of the same two people as one error', () => {
    // Two people with 20 photos each that all match, among 98 people with one.
    const people = [...Array(20).fill(0), ...Array(20).fill(1), ...everybodyOnce.slice(2)];
    const { falseMatches, effectiveErrors } = clusteredFmr(
      impostors(people, (a, b) => a < 20 && b < 40),
      0.5,
    );
    expect(falseMatches).toBe(400);
    expect(effectiveErrors).toBeLessThan(2);
  });

  it('falls back to the plain bounds where there is no error, and knows nothing without pairs', () => {
    const none = clusteredFmr(
      impostors(everybodyOnce, () => false),
      0.5,
    );
    expect(none).toMatchObject({ falseMatches: 0, fmr: 0, effectiveErrors: 0 });
    expect(none.bounds[1]).toBeCloseTo(3.689 / 4950, 5);
    expect(clusteredFmr({ people: Int32Array.of(0, 0), scores: new Float32Array(0) }, 0.5).bounds).toEqual([0, 1]);
  });
});
