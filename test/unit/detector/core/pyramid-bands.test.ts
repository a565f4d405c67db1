import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pyramidBands } from '../../../../detector/core/pyramid-bands.ts';
import { pyramidScales, scaledSize } from '../../../../detector/core/pyramid-scales.ts';

/** Rows of cells that P-Net gives for so many rows of pixels. */
const cellRows = (rows: number): number => Math.ceil((rows - 2) / 2) - 4;

test('the bands of a level hold each of its rows of cells once, in order', () => {
  const side = fc.integer({ min: 12, max: 5000 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 12, max: 200 }), (width, height, minFaceSize) => {
      const bands = pyramidBands(width, height, minFaceSize);
      const scales = pyramidScales(width, height, minFaceSize);
      expect([...new Set(bands.map(band => band.level))]).toEqual([...scales.keys()]);
      for (const [level, scale] of scales.entries()) {
        const size = scaledSize(width, height, scale);
        let next = 0;
        for (const band of bands.filter(other => other.level === level)) {
          expect(band).toMatchObject({ scale, ...size, top: 2 * next });
          next += cellRows(band.rows);
        }
        expect(next).toBe(cellRows(size.height));
        expect(bands.findLast(band => band.level === level)).toSatisfy(last => last.top + last.rows === size.height);
      }
    }),
  );
});

test('no band of a usual photo has tensors of more than a few megabytes', () => {
  for (const { width, rows } of pyramidBands(1920, 1440, 20)) expect(width * rows).toBeLessThan(120_000);
});

test('an image smaller than a cell has none', () => {
  expect(pyramidBands(11, 400, 12)).toEqual([]);
});
