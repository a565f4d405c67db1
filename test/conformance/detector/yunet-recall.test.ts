import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { intersectionOverUnion } from '../../../detector/core/box.ts';
import type { Box } from '../../../detector/core/detected-face.ts';
import { decodeImage } from '../../../detector/decode-image.ts';
import type { Detector } from '../../../detector/detector.ts';
import { createYunet } from '../../../detector/yunet.ts';
import { createInThreadContext } from '../../contract/detector/in-thread-context.ts';
import { type InstalledForTest, installForTest, missingWeights } from '../../contract/detector/install-for-test.ts';
import { missingPhotos, readReference } from './reference-photos.ts';

const missing = missingWeights('yunet') ?? missingPhotos;

/** The two detectors draw their boxes differently: MTCNN's are squarer. */
const sameFace = 0.4;

describe.skipIf(missing)(`YuNet beside MTCNN's reference ${missing ?? ''}`, () => {
  let installed: InstalledForTest;
  let detector: Detector;
  const context = createInThreadContext();

  beforeAll(async () => {
    installed = await installForTest('yunet');
    detector = createYunet(installed.dir);
  });
  afterAll(async () => {
    await context.close();
    await installed.remove();
  });

  test.each([40, 20])('of the sure faces of %i pixels or more it finds 99 %, and few others', async minFaceSize => {
    let expected = 0;
    let others = 0;
    const lost: string[] = [];
    const distances: number[] = [];
    for (const { photo, faces, bytes } of readReference()) {
      const { pixels } = await decodeImage(bytes(), { maxSide: 0 });
      const found = await detector.detect(pixels, { minFaceSize, thresholds: [0.6, 0.7, 0.7] }, context);
      const closest = (box: Box) => found.toSorted((a, b) => overlap(b.box, box) - overlap(a.box, box))[0];
      const overlap = intersectionOverUnion;
      for (const { box, probability, landmarks } of faces) {
        if (probability < 0.95 || Math.min(box[2] - box[0], box[3] - box[1]) < minFaceSize) continue;
        expected++;
        const best = closest(box);
        if (!best || overlap(best.box, box) < sameFace) {
          lost.push(`${photo}: face at ${box}`);
          continue;
        }
        for (const [i, [x, y]] of landmarks.entries()) {
          const [foundX, foundY] = best.landmarks[i]!;
          distances.push(Math.hypot(foundX - x, foundY - y) / (box[2] - box[0]));
        }
      }
      others += found.filter(face => faces.every(({ box }) => overlap(face.box, box) < 0.3)).length;
    }
    expect(expected).toBeGreaterThan(120);
    expect(lost.length / expected, lost.join('; ')).toBeLessThan(0.01);
    expect(others / expected).toBeLessThan(0.05);
    expect(distances.reduce((sum, distance) => sum + distance, 0) / distances.length).toBeLessThan(0.06);
  });

  test('finds a face that fills a photo of 12 megapixels, whole', async () => {
    const [close] = readReference().filter(({ photo, faces }) => photo.startsWith('lfw-dev/') && faces.length === 1);
    const side = 3500;
    const bytes = await sharp(close!.bytes()).resize(side, side).jpeg().toBuffer();
    const { pixels } = await decodeImage(bytes, { maxSide: 0 });
    const found = await detector.detect(pixels, { minFaceSize: 20, thresholds: [0.6, 0.7, 0.7] }, context);
    const scale = side / close!.width;
    const [x1, y1, x2, y2] = close!.faces[0]!.box;
    const expected: Box = [x1 * scale, y1 * scale, x2 * scale, y2 * scale];
    expect(found.map(({ box }) => intersectionOverUnion(box, expected) > 0.6)).toEqual([true]);
  });
});
