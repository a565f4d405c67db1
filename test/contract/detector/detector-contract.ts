import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { intersectionOverUnion } from '../../../detector/core/box.ts';
import type { Box, DetectedFace } from '../../../detector/core/detected-face.ts';
import type { RgbImage } from '../../../detector/core/rgb-image.ts';
import { createDetector } from '../../../detector/create-detector.ts';
import { decodeImage } from '../../../detector/decode-image.ts';
import type { DetectOptions, Detector, DetectorName } from '../../../detector/detector.ts';
import { paintImage } from '../../unit/detector/sample-image.ts';
import { createInThreadContext } from './in-thread-context.ts';
import { type InstalledForTest, installForTest } from './install-for-test.ts';

/** Faces that look at the camera in face-api's group photos, in the pixels of the 1920-pixel originals. */
const visibleFaces: readonly { readonly photo: string; readonly boxes: readonly Box[] }[] = [
  {
    photo: 'sample1.jpg',
    boxes: [
      [1478, 200, 1681, 433],
      [410, 355, 591, 592],
      [831, 423, 1032, 653],
    ],
  },
  // Two more turn away in this one; no detector need find them at this size.
  { photo: 'sample2.jpg', boxes: [[1448, 166, 1645, 397]] },
  {
    photo: 'sample3.jpg',
    boxes: [
      [1066, 208, 1292, 508],
      [1505, 288, 1687, 575],
      [585, 329, 789, 598],
    ],
  },
  {
    photo: 'sample4.jpg',
    boxes: [
      [1272, 151, 1426, 382],
      [253, 198, 432, 440],
      [661, 61, 839, 300],
      [985, 187, 1157, 408],
    ],
  },
  {
    photo: 'sample5.jpg',
    boxes: [
      [1115, 205, 1280, 437],
      [1405, 388, 1589, 664],
      [370, 873, 562, 1162],
      [599, 421, 764, 662],
      [787, 109, 946, 327],
    ],
  },
  {
    photo: 'sample6.jpg',
    boxes: [
      [1174, 308, 1371, 583],
      [1485, 260, 1697, 561],
      [253, 478, 465, 765],
      [668, 324, 849, 630],
    ],
  },
];

const demoDir = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')),
  'demo',
);
const options: DetectOptions = { minFaceSize: 20, thresholds: [0.6, 0.7, 0.7] };

/** What any detector must do, run over the photos that every installation has. */
export function detectorContract(name: DetectorName): void {
  let installed: InstalledForTest;
  let detector: Detector;
  const context = createInThreadContext();

  beforeAll(async () => {
    installed = await installForTest(name);
    detector = createDetector(name, installed.dir);
  });
  afterAll(async () => {
    await context.close();
    await installed.remove();
  });

  /** A photo at 960 pixels, half its size: what matters here shows there too. */
  const load = async (photo: string): Promise<RgbImage> =>
    (await decodeImage(readFileSync(path.join(demoDir, photo)), { maxSide: 960 })).pixels;
  const detect = (image: RgbImage, changed: Partial<DetectOptions> = {}) =>
    detector.detect(image, { ...options, ...changed }, context);

  test('it says its name', () => expect(detector.name).toBe(name));

  test.each(visibleFaces)(
    '$photo: every visible face is found, with landmarks in their places',
    async ({ photo, boxes }) => {
      const faces = await detect(await load(photo));
      for (const [x1, y1, x2, y2] of boxes) {
        const visible: Box = [x1 / 2, y1 / 2, x2 / 2, y2 / 2];
        const found = faces.filter(face => intersectionOverUnion(face.box, visible) > 0.6);
        expect(found.length, `face at ${visible}`).toBe(1);
        expectFace(found[0]!);
      }
      // Strangers in the background may be found too, a wall of false faces may not.
      expect(faces.length).toBeLessThanOrEqual(boxes.length + 2);
    },
  );

  test('grey, black and noise hold no face', async () => {
    const grey = paintImage(300, 200, () => [128, 128, 128]);
    const slope = paintImage(300, 200, (x, y) => [x % 256, y, 90]);
    expect(await detect(grey)).toEqual([]);
    expect(await detect(slope)).toEqual([]);
  });

  test.each([
    [1, 1],
    [8, 8],
    [3000, 2],
    [2, 3000],
  ])('an image of %i × %i is no error', async (width, height) => {
    expect(await detect(paintImage(width, height, () => [90, 120, 150]))).toEqual([]);
  });

  test('asking for large faces only gives no small ones', async () => {
    const image = await load('sample5.jpg');
    expect(await detect(image, { minFaceSize: 400 })).toEqual([]);
  });

  test('the mirrored photo gives mirrored faces', async () => {
    const image = await load('sample6.jpg');
    const { width, height, data } = image;
    const mirrored = paintImage(width, height, (x, y) => {
      const at = (y * width + width - 1 - x) * 3;
      return [data[at]!, data[at + 1]!, data[at + 2]!];
    });
    const faces = (await detect(image)).filter(({ confidence }) => confidence > 0.9);
    const others = await detect(mirrored);
    expect(faces.length).toBeGreaterThan(2);
    for (const { box } of faces) {
      const expected: Box = [width - box[2], box[1], width - box[0], box[3]];
      expect(Math.max(...others.map(other => intersectionOverUnion(other.box, expected)))).toBeGreaterThan(0.7);
    }
  });

  test('two photos at once give the same as one after the other', async () => {
    const photos = [await load('sample3.jpg'), await load('sample5.jpg')];
    const apart = [await detect(photos[0]!), await detect(photos[1]!)];
    expect(await Promise.all(photos.map(photo => detect(photo)))).toEqual(apart);
  });

  test('the same image gives the same faces again and is left as it was', async () => {
    const image = await load('sample1.jpg');
    const before = image.data.slice();
    const first = await detect(image);
    expect(await detect(image)).toEqual(first);
    expect(Buffer.compare(image.data, before)).toBe(0);
  });
}

function expectFace({ box, confidence, landmarks }: DetectedFace): void {
  const [x1, y1, x2, y2] = box;
  expect(x2).toBeGreaterThan(x1);
  expect(y2).toBeGreaterThan(y1);
  expect(confidence).toBeGreaterThan(0.5);
  expect(confidence).toBeLessThanOrEqual(1);
  const [leftEye, rightEye, nose, leftMouth, rightMouth] = landmarks;
  expect(leftEye[0]).toBeLessThan(rightEye[0]);
  expect(leftMouth[0]).toBeLessThan(rightMouth[0]);
  // "Below" along the face's own axis: heads are tilted.
  const down = [-(rightEye[1] - leftEye[1]), rightEye[0] - leftEye[0]] as const;
  const depth = ([x, y]: readonly [number, number]) => x * down[0] + y * down[1];
  expect(depth(nose)).toBeGreaterThan(Math.max(depth(leftEye), depth(rightEye)));
  expect(Math.min(depth(leftMouth), depth(rightMouth))).toBeGreaterThan(depth(nose));
  const slack = 0.1 * (x2 - x1);
  for (const [x, y] of landmarks) {
    expect(x).toBeGreaterThan(x1 - slack);
    expect(x).toBeLessThan(x2 + slack);
    expect(y).toBeGreaterThan(y1 - slack);
    expect(y).toBeLessThan(y2 + slack);
  }
}
