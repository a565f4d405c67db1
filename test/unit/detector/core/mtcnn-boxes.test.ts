import { expect, test } from 'vitest';
import {
  clippedRegion,
  proposeBoxes,
  regressBoxes,
  squareBoxes,
  toProbability,
} from '../../../../detector/core/mtcnn-boxes.ts';

test('a cell becomes the 12-pixel box that it saw, at the scale of the photo, with its regression', () => {
  const width = 3;
  const height = 2;
  const map = new Float32Array(5 * width * height).fill(-9);
  map[4] = 3;
  for (let side = 0; side < 4; side++) map[(side + 1) * width * height + 4] = side / 10;
  const { boxes, scores, regressions } = proposeBoxes(map, width, height, 0.5, 0.6);
  // Cell 4 is column 1, row 1: pixel (2, 2) at half size, counted from 1.
  expect([...boxes]).toEqual([6, 6, 28, 28]);
  expect(scores[0]).toBeCloseTo(0.9526, 4);
  expect([...regressions]).toEqual([0, 0.1, 0.2, 0.3].map(Math.fround));
});

test('the threshold is a probability: 0.6 is a logit difference of 0.405', () => {
  const at = (logit: number) => proposeBoxes(Float32Array.of(logit, 0, 0, 0, 0), 1, 1, 1, 0.6).scores.length;
  expect(at(0.406)).toBe(1);
  expect(at(0.405)).toBe(0);
  expect(at(Number.NaN)).toBe(0);
});

test('a very sure cell is exactly 1 in float32, as softmax gives it', () => {
  expect(toProbability(17.5)).toBe(1);
  expect(toProbability(15)).toBeLessThan(1);
});

test('regression moves sides by fractions of the size, inclusive size in the later stages', () => {
  const plain = Float32Array.of(10, 10, 30, 50);
  regressBoxes(plain, Float32Array.of(0.1, 0.1, -0.1, 0.5), 0);
  expect([...plain]).toEqual([12, 14, 28, 70]);
  const inclusive = Float32Array.of(10, 10, 29, 49);
  regressBoxes(inclusive, Float32Array.of(0.1, 0.1, -0.1, 0.5), 1);
  expect([...inclusive]).toEqual([12, 14, 27, 69]);
});

test('a squared box has its longer side and its old centre', () => {
  const boxes = Float32Array.of(10, 20, 30, 60);
  squareBoxes(boxes);
  expect([...boxes]).toEqual([0, 20, 40, 60]);
});

test('a region is what lies in the image, counted from pixel 1; outside or broken gives null', () => {
  expect(clippedRegion(Float32Array.of(-5.7, 3.9, 20.9, 200), 0, 100, 50)).toEqual({
    left: 0,
    top: 2,
    width: 20,
    height: 48,
  });
  expect(clippedRegion(Float32Array.of(150, 3, 170, 20), 0, 100, 50)).toBeNull();
  expect(clippedRegion(Float32Array.of(Number.NaN, 3, 20, 20), 0, 100, 50)).toBeNull();
});
