import { expect, test } from 'vitest';
import { cutCrops, marginRegion } from '../../../../detector/core/cut-crops.ts';
import { cropSpecs, type Landmarks } from '../../../../triton/core/crop-spec.ts';
import { face } from '../sample-face.ts';
import { noiseImage, paintImage } from '../sample-image.ts';

const spec = cropSpecs.arcface_112;
const plane = spec.size * spec.size;

test('landmarks that are the template already give the image itself', () => {
  const image = noiseImage(spec.size, spec.size);
  const crops = cutCrops(image, [{ box: [0, 0, 112, 112], confidence: 1, landmarks: spec.template }], spec);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) expect(crops[c * plane + i]).toBe(image.data[i * 3 + c]);
  }
});

test('a face that lies on its side is turned upright', () => {
  // Red above, blue below in the upright face; the photo is turned by a quarter.
  const image = paintImage(112, 112, x => (x > 55 ? [255, 0, 0] : [0, 0, 255]));
  const turned = spec.template.map(([x, y]) => [111 - y, x]) as unknown as Landmarks;
  const crops = cutCrops(image, [{ box: [0, 0, 112, 112], confidence: 1, landmarks: turned }], spec);
  expect(crops[10 * 112 + 56]).toBe(255);
  expect(crops[2 * plane + 10 * 112 + 56]).toBe(0);
  expect(crops[100 * 112 + 56]).toBe(0);
  expect(crops[2 * plane + 100 * 112 + 56]).toBe(255);
});

test('a large face does not alias: fine stripes become grey', () => {
  const image = paintImage(1120, 1120, x => (x % 2 ? [255, 255, 255] : [0, 0, 0]));
  const large = spec.template.map(([x, y]) => [x * 10, y * 10]) as unknown as Landmarks;
  const crops = cutCrops(image, [{ box: [0, 0, 1120, 1120], confidence: 1, landmarks: large }], spec);
  for (let i = 20 * 112 + 20; i < 20 * 112 + 90; i++) expect(Math.abs(crops[i]! - 127.5)).toBeLessThan(3);
});

test('what lies outside the photo is black', () => {
  const image = paintImage(50, 50, () => [200, 200, 200]);
  const crops = cutCrops(image, [face([30, 30, 130, 130])], spec);
  expect(crops[plane - 1]).toBe(0);
  expect(crops[0]).toBe(200);
});

test('landmarks in one point fall back to the box', () => {
  const image = paintImage(60, 60, (x, y) => (x >= 20 && x < 40 && y >= 20 && y < 40 ? [255, 0, 0] : [0, 0, 0]));
  const point = [30, 30] as const;
  const broken = {
    box: [20, 20, 40, 40],
    confidence: 1,
    landmarks: [point, point, point, point, point],
  } as const;
  const crops = cutCrops(image, [broken], spec);
  expect(crops[56 * 112 + 56]).toBe(255);
});

test('several faces lie one behind the other; none give no bytes', () => {
  const image = noiseImage(200, 200);
  const faces = [face([10, 10, 90, 90]), face([100, 100, 180, 180])];
  const both = cutCrops(image, faces, spec);
  expect(both.length).toBe(2 * 3 * plane);
  expect(both.subarray(3 * plane)).toEqual(cutCrops(image, [faces[1]!], spec));
  expect(cutCrops(image, [], spec).length).toBe(0);
});

test('a box crop is cut to whole pixels and to the photo; its margin counts in pixels of the crop', () => {
  const photo = { width: 100, height: 80 };
  expect(marginRegion([10.9, 20.9, 50.9, 60.9], 160, 0, photo)).toEqual({ left: 10, top: 20, width: 40, height: 40 });
  expect(marginRegion([-5, -5, 200, 200], 160, 0, photo)).toEqual({ left: 0, top: 0, width: 100, height: 80 });
  // 32 / (160 − 32) = a quarter of the box, half of that on each side.
  expect(marginRegion([40, 40, 56, 56], 160, 32, photo)).toEqual({ left: 38, top: 38, width: 20, height: 20 });
  expect(marginRegion([200, 0, 210, 10], 160, 0, photo)).toBeNull();
});

test('a box crop of one colour has that colour; a box outside the photo gives black', () => {
  const image = paintImage(40, 40, () => [10, 20, 30]);
  const crops = cutCrops(image, [face([5, 5, 30, 30]), face([100, 100, 120, 120])], cropSpecs.box_160);
  const size = 160 * 160;
  expect(new Set(crops.subarray(0, size))).toEqual(new Set([10]));
  expect(new Set(crops.subarray(2 * size, 3 * size))).toEqual(new Set([30]));
  expect(new Set(crops.subarray(3 * size))).toEqual(new Set([0]));
});
