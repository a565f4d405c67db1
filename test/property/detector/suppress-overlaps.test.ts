import fc from 'fast-check';
import { expect, test } from 'vitest';
import { intersectionOverUnion } from '../../../detector/core/box.ts';
import type { Box } from '../../../detector/core/detected-face.ts';
import { suppressByMinimum, suppressByUnion } from '../../../detector/core/suppress-overlaps.ts';

const scored = fc.record({
  x: fc.integer({ min: 0, max: 60 }),
  y: fc.integer({ min: 0, max: 60 }),
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
  score: fc.integer({ min: 0, max: 8 }),
});
const list = fc.array(scored, { maxLength: 40 }).map(items => ({
  boxes: Float32Array.from(items.flatMap(({ x, y, width, height }) => [x, y, x + width, y + height])),
  scores: Float32Array.from(items.map(({ score }) => score / 8)),
}));
const threshold = fc.constantFrom(0.3, 0.5, 0.7);
const boxAt = (boxes: Float32Array, i: number): Box => [
  boxes[i * 4]!,
  boxes[i * 4 + 1]!,
  boxes[i * 4 + 2]!,
  boxes[i * 4 + 3]!,
];

test('what stays overlaps by no more than the threshold, and what goes overlaps a better one by more', () => {
  fc.assert(
    fc.property(list, threshold, (candidates, limit) => {
      const kept = [...suppressByUnion(candidates, limit)];
      const overlap = (a: number, b: number) =>
        intersectionOverUnion(boxAt(candidates.boxes, a), boxAt(candidates.boxes, b));
      for (const a of kept) for (const b of kept) if (a !== b) expect(overlap(a, b)).toBeLessThanOrEqual(limit);
      for (const i of candidates.scores.keys()) {
        if (kept.includes(i)) continue;
        const better = kept.filter(k => candidates.scores[k]! >= candidates.scores[i]!);
        expect(better.some(k => overlap(k, i) > limit)).toBe(true);
      }
    }),
  );
});

test('scores never rise along the result, no index comes twice, and a second pass changes nothing', () => {
  fc.assert(
    fc.property(list, threshold, fc.constantFrom(suppressByUnion, suppressByMinimum), (candidates, limit, suppress) => {
      const kept = [...suppress(candidates, limit)];
      expect(new Set(kept).size).toBe(kept.length);
      const scores = kept.map(i => candidates.scores[i]!);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      const again = suppress(
        {
          boxes: Float32Array.from(kept.flatMap(i => [...boxAt(candidates.boxes, i)])),
          scores: Float32Array.from(scores),
        },
        limit,
      );
      expect(again.length).toBe(kept.length);
    }),
  );
});
