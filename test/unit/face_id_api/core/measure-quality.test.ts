import { describe, expect, it } from 'vitest';
import { cutCrops } from '../../../../detector/core/cut-crops.ts';
import type { DetectedFace } from '../../../../detector/core/detected-face.ts';
import type { RgbImage } from '../../../../detector/core/rgb-image.ts';
import { type FaceQuality, measureQuality } from '../../../../face_id_api/core/measure-quality.ts';
import { type CropName, cropSpecs, type Landmarks } from '../../../../triton/core/crop-spec.ts';
import { noiseImage, paintImage } from '../../detector/sample-image.ts';

const side = 400;
/** ArcFace's template, 2.5 times as large, in the middle of the photo. */
const enlarged = cropSpecs.arcface_112.template.map(([x, y]) => [60 + 2.5 * x, 60 + 2.5 * y]);
const face: DetectedFace = {
  box: [110, 100, 290, 330],
  confidence: 0.998,
  landmarks: enlarged as unknown as Landmarks,
};

type Look = { readonly wavelength?: number; readonly light?: number; readonly swing?: number };

/** Waves in both directions about a mean brightness: the longer, the more blurred. */
function waves({ wavelength = 12, light = 128, swing = 60 }: Look): RgbImage {
  return paintImage(side, side, (x, y) => {
    const wave = Math.sin((2 * Math.PI * x) / wavelength) + Math.sin((2 * Math.PI * y) / wavelength);
    const value = Math.round(light + (swing * wave) / 2);
    return [value, value, value];
  });
}

function measure(photo: RgbImage, crop: CropName = 'arcface_112', of: DetectedFace = face): FaceQuality {
  return measureQuality(of, { pixels: cutCrops(photo, [of], cropSpecs[crop]), spec: cropSpecs[crop], photo });
}

describe('measureQuality', () => {
  it('measures the sharpness of edges, not their contrast nor their light', () => {
    const fine = measure(waves({ wavelength: 12 }));
    const coarse = measure(waves({ wavelength: 24 }));
    expect(fine.sharpness).toBeGreaterThan(coarse.sharpness);
    for (const look of [{ swing: 25 }, { light: 200, swing: 50 }, { light: 60, swing: 40 }]) {
      expect(measure(waves({ wavelength: 24, ...look })).sharpness).toBeCloseTo(coarse.sharpness, 1);
    }
  });

  it('finds no sharpness and no contrast where all is even', () => {
    const even = measure(paintImage(side, side, () => [120, 120, 120]));
    expect(even).toMatchObject({ sharpness: 0, contrast: 0, score: 0 });
  });

  it('gives brightness as mean luma, contrast as its deviation', () => {
    expect(measure(paintImage(side, side, () => [255, 255, 255])).brightness).toBeCloseTo(1, 3);
    expect(measure(paintImage(side, side, () => [255, 0, 0])).brightness).toBeCloseTo(0.299, 3);
    const { brightness, contrast } = measure(waves({ light: 100, swing: 60 }));
    expect(brightness).toBeCloseTo(100 / 255, 1);
    // Each of the two waves has a variance of (60 / 2)² / 2.
    expect(contrast).toBeCloseTo(Math.sqrt(2 * (30 ** 2 / 2)) / 255, 1);
  });

  it('means the same whatever model the crop was cut for', () => {
    const photo = waves({ wavelength: 40, light: 110 });
    const expected = measure(photo, 'arcface_112');
    for (const crop of ['dlib_150', 'box_160'] as const) {
      const got = measure(photo, crop);
      expect(got.sharpness, crop).toBeCloseTo(expected.sharpness, 1);
      expect(got.brightness, crop).toBeCloseTo(expected.brightness, 2);
      expect(got.contrast, crop).toBeCloseTo(expected.contrast, 1);
    }
  });

  it('leaves out what lies beyond the photo, which a crop shows as black', () => {
    const shift = 200;
    const moved: DetectedFace = {
      ...face,
      box: [110 + shift, 100, 290 + shift, 330],
      landmarks: enlarged.map(([x, y]) => [x! + shift, y]) as unknown as Landmarks,
    };
    const whole = measure(waves({ wavelength: 40, light: 200, swing: 50 }));
    for (const crop of ['arcface_112', 'dlib_150'] as const) {
      const cut = measure(waves({ wavelength: 40, light: 200, swing: 50 }), crop, moved);
      expect(cut.brightness, crop).toBeCloseTo(whole.brightness, 1);
      expect(cut.sharpness, crop).toBeCloseTo(whole.sharpness, 1);
    }
  });

  it('takes size and confidence from the detector, the shorter side for the size', () => {
    expect(measure(waves({}))).toMatchObject({ boxSide: 180, confidence: 0.998 });
    expect(measure(waves({}), 'arcface_112', { ...face, box: [100, 100, 40, 300] }).boxSide).toBe(0);
  });

  it('scores a face that is good in everything near 1, and lower for each single fault', () => {
    const good = measure(waves({ wavelength: 12 }));
    expect(good.score).toBeGreaterThan(0.9);
    const worse = [
      measure(waves({ wavelength: 60 })),
      measure(waves({ wavelength: 12, light: 25, swing: 20 })),
      measure(waves({ wavelength: 12, light: 245, swing: 8 })),
      measure(waves({ wavelength: 12 }), 'arcface_112', { ...face, box: [190, 190, 215, 220] }),
    ];
    for (const [i, { score }] of worse.entries()) {
      expect(score, `fault ${i}`).toBeLessThan(0.7 * good.score);
      expect(score, `fault ${i}`).toBeGreaterThanOrEqual(0);
    }
  });

  it('leaves the confidence out of the score: it means something else for each detector', () => {
    const { score } = measure(waves({ wavelength: 12 }), 'arcface_112', { ...face, confidence: 0.3 });
    expect(score).toBe(measure(waves({ wavelength: 12 })).score);
  });

  it('sees a movement in the edges across it, however sharp those along it are', () => {
    const still = measure(waves({ wavelength: 12 }));
    // Bars that lie along a movement to the side, and what a movement leaves of those across it.
    const moved = paintImage(side, side, (x, y) => {
      const value = Math.round(128 + 50 * Math.sin((2 * Math.PI * y) / 12) + 10 * Math.sin((2 * Math.PI * x) / 60));
      return [value, value, value];
    });
    expect(measure(moved).sharpness).toBeLessThan(0.7 * still.sharpness);
  });

  it('measures noise against the contrast, and lets it lower the score', () => {
    const random = noiseImage(side, side);
    const grainy = (part: number): RgbImage => {
      const { data } = waves({ wavelength: 60 });
      return { width: side, height: side, data: data.map((value, i) => value + part * (random.data[i]! - 128)) };
    };
    const [none, some, much] = [0, 0.3, 1].map(part => measure(grainy(part)));
    expect(none?.noise).toBeLessThan(0.02);
    expect(some?.noise).toBeGreaterThan(none!.noise);
    expect(much?.noise).toBeGreaterThan(some!.noise);
    expect(much?.score).toBeLessThan(some!.score);
  });

  it('has an answer for landmarks that say nothing: turned away, and no score', () => {
    const point = [200, 200] as const;
    const broken: DetectedFace = { ...face, landmarks: [point, point, point, point, point] };
    for (const crop of ['arcface_112', 'box_160'] as const) {
      expect(measure(waves({}), crop, broken)).toMatchObject({ yaw: 90, pitch: 90, brightness: 0, score: 0 });
    }
  });
});
