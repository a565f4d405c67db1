import { describe, expect, it } from 'vitest';
import { yunetSizes } from '../../../../detector/core/yunet-sizes.ts';

describe('the sizes at which YuNet looks at a photo', () => {
  it('make the smallest wanted face 14 pixels large', () => {
    expect(yunetSizes(1920, 1280, 35)).toEqual([{ width: 768, height: 512 }]);
    expect(yunetSizes(1280, 1920, 28)).toEqual([{ width: 640, height: 960 }]);
  });

  it('never enlarge, and keep what is small already', () => {
    expect(yunetSizes(250, 250, 40)).toEqual([{ width: 250, height: 250 }]);
    expect(yunetSizes(300, 200, 12)).toEqual([{ width: 300, height: 200 }]);
  });

  it('keep a longer side of 640, however large the wanted faces are', () => {
    expect(yunetSizes(1280, 320, 400)).toEqual([{ width: 640, height: 160 }]);
  });

  it('add coarser ones as long as a face could be larger than the network knows', () => {
    expect(yunetSizes(1500, 1200, 14)).toEqual([
      { width: 1500, height: 1200 },
      { width: 375, height: 300 },
    ]);
  });

  it('are bounded by 4 megapixels and by one pixel', () => {
    for (const [width, height] of [
      [8192, 6144],
      [50_000, 1000],
      [1, 50_000],
    ] as const) {
      for (const size of yunetSizes(width, height, 12)) {
        expect(size.width * size.height).toBeLessThan(1.01 * 2048 * 2048);
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
      }
    }
  });
});
