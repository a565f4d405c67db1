import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectorConfig } from '../../../detector/config.ts';
import { intersectionOverUnion } from '../../../detector/core/box.ts';
import type { Box, DetectedFace } from '../../../detector/core/detected-face.ts';
import { decodeImage } from '../../../detector/decode-image.ts';
import type { Detector } from '../../../detector/detector.ts';
import { createMtcnn } from '../../../detector/mtcnn.ts';
import { createInThreadContext } from '../../contract/detector/in-thread-context.ts';
import { type InstalledForTest, installForTest, missingWeights } from '../../contract/detector/install-for-test.ts';
import { missingPhotos, type ReferencePhoto, readReference } from './reference-photos.ts';

// Same faces as facenet-pytorch 2.5.3, at full resolution, min face 20 and no colour conversion.

const missing = missingWeights('mtcnn') ?? missingPhotos;

/** Below this the reference itself is unsure, and rounding decides. */
const sure = 0.95;

/** Sure faces whose boxes overlap the reference's by less than 0.99, with how much they do. The list may only shrink. */
const knownDifferent = ['crowds/ultraface-8.jpg: 0.92'];

describe.skipIf(missing)(`MTCNN against facenet-pytorch ${missing ?? ''}`, () => {
  let installed: InstalledForTest;
  let detector: Detector;
  const context = createInThreadContext();

  beforeAll(async () => {
    installed = await installForTest('mtcnn');
    detector = createMtcnn(installed.dir);
  });
  afterAll(async () => {
    await context.close();
    await installed.remove();
  });

  test('every sure face is found at the same place, and no other is reported', async () => {
    const overlaps: number[] = [];
    const landmarkErrors: number[] = [];
    const wrong: string[] = [];
    const different: string[] = [];
    for (const reference of readReference()) {
      const { pixels } = await decodeImage(reference.bytes(), { maxSide: 0, convertIcc: false });
      expect([pixels.width, pixels.height], reference.photo).toEqual([reference.width, reference.height]);
      const faces = await detector.detect(pixels, { minFaceSize: 20, thresholds: [0.6, 0.7, 0.7] }, context);
      compare(reference, faces, overlaps, landmarkErrors, wrong, different);
    }
    expect(wrong).toEqual([]);
    expect(overlaps.length).toBeGreaterThan(150);
    expect(mean(overlaps)).toBeGreaterThan(0.999);
    expect(mean(landmarkErrors)).toBeLessThan(0.001);
    expect(different.filter(line => !knownDifferent.includes(line))).toEqual([]);
  });

  test('at the defaults every sure face of 40 pixels or more is found', async () => {
    const { max_side: maxSide, min_face_size: minFaceSize, thresholds } = detectorConfig.parse({});
    let expected = 0;
    const missed: string[] = [];
    for (const { photo, faces, bytes } of readReference()) {
      const { pixels, width } = await decodeImage(bytes(), { maxSide });
      const scale = width / pixels.width;
      const found = await detector.detect(pixels, { minFaceSize: minFaceSize / scale, thresholds }, context);
      const boxes = found.map(({ box: [x1, y1, x2, y2] }): Box => [x1 * scale, y1 * scale, x2 * scale, y2 * scale]);
      for (const { box, probability } of faces) {
        if (probability < sure || Math.min(box[2] - box[0], box[3] - box[1]) < minFaceSize) continue;
        expected++;
        const best = Math.max(0, ...boxes.map(other => intersectionOverUnion(other, box)));
        if (best <= 0.5) missed.push(`${photo}: face at ${box}, IoU ${best.toFixed(2)}`);
      }
    }
    expect(missed).toEqual([]);
    expect(expected).toBeGreaterThan(120);
  });
});

function compare(
  { photo, faces: expected }: ReferencePhoto,
  found: readonly DetectedFace[],
  overlaps: number[],
  landmarkErrors: number[],
  wrong: string[],
  different: string[],
): void {
  const matched = new Set<DetectedFace>();
  for (const { box, probability, landmarks } of expected) {
    const [best] = found
      .filter(face => !matched.has(face))
      .map(face => ({ face, overlap: intersectionOverUnion(face.box, box) }))
      .sort((a, b) => b.overlap - a.overlap);
    if (best && best.overlap > 0.5) matched.add(best.face);
    if (probability < sure) continue;
    if (!best || best.overlap <= 0.5) {
      wrong.push(`${photo}: face at ${box} is missing`);
      continue;
    }
    overlaps.push(best.overlap);
    if (best.overlap < 0.99) different.push(`${photo}: ${best.overlap.toFixed(2)}`);
    landmarks.forEach(([x, y], i) => {
      const [foundX, foundY] = best.face.landmarks[i]!;
      landmarkErrors.push(Math.hypot(foundX - x, foundY - y) / (box[2] - box[0]));
    });
  }
  for (const face of found) {
    if (!matched.has(face) && face.confidence >= sure)
      wrong.push(`${photo}: face at ${face.box} is not in the reference`);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
