import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelPlaces } from '../../../../face_id_api/console/photo/label-places.js';

const area = { width: 800, height: 600 };
const [full, short] = [
  { width: 120, height: 20 },
  { width: 20, height: 20 },
];
const box = fc.record({
  left: fc.integer({ min: 0, max: 760 }),
  top: fc.integer({ min: 0, max: 560 }),
  width: fc.integer({ min: 8, max: 200 }),
  height: fc.integer({ min: 8, max: 200 }),
});

describe('labelPlaces', () => {
  it('puts a lone label above its face', () => {
    const face = { box: { left: 100, top: 100, width: 50, height: 60 }, full, short };
    expect(labelPlaces([face], area)).toEqual([{ left: 100, top: 76, form: 'full' }]);
  });

  it('shortens a label that would hide another face', () => {
    const row = [0, 1, 2].flatMap(x =>
      [0, 1, 2].map(y => ({ left: 300 + 42 * x, top: 200 + 42 * y, width: 40, height: 40 })),
    );
    const places = labelPlaces(
      row.map(box => ({ box, full, short })),
      area,
    );
    expect(places[4]?.form).toBe('short');
  });

  it('keeps labels apart and inside, however many faces there are', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 60 }), boxes => {
        const placed = labelPlaces(
          boxes.map(box => ({ box, full, short })),
          area,
        ).flatMap(place => (place === null ? [] : [{ ...place, ...(place.form === 'full' ? full : short) }]));
        for (const [i, a] of placed.entries()) {
          expect(a.left >= 0 && a.top >= 0 && a.left + a.width <= 800 && a.top + a.height <= 600).toBe(true);
          for (const b of placed.slice(i + 1)) {
            const apart =
              a.left + a.width <= b.left ||
              b.left + b.width <= a.left ||
              a.top + a.height <= b.top ||
              b.top + b.height <= a.top;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });
});
