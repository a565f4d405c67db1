import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Detector } from '../../../detector/detector.ts';
import { createYunet } from '../../../detector/yunet.ts';
import { createInThreadContext } from '../../contract/detector/in-thread-context.ts';
import { type InstalledForTest, installForTest, missingWeights } from '../../contract/detector/install-for-test.ts';

const missing = missingWeights('yunet');
const photos = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')),
  'demo',
);

/** Made by make-yunet-golden.py. */
const parts = z
  .array(
    z.object({
      photo: z.string(),
      region: z.object({ left: z.int(), top: z.int(), width: z.int(), height: z.int() }),
      faces: z.array(z.object({ box: z.array(z.number()), landmarks: z.array(z.number()), score: z.number() })).min(1),
    }),
  )
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'yunet-golden.json'), 'utf8')));

describe.skipIf(missing)(`YuNet against OpenCV 4.11's FaceDetectorYN ${missing ?? ''}`, () => {
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

  it.each(parts)(
    '$photo: the same faces, boxes and landmarks within a fifth of a pixel',
    async ({ photo, region, faces }) => {
      const data = await sharp(path.join(photos, photo)).extract(region).raw().toBuffer();
      const image = { width: region.width, height: region.height, data };
      // At 14 pixels the photo is looked at as it is.
      const options = { minFaceSize: 14, thresholds: [0.6, 0.7, 0.7] } as const;
      const found = (await detector.detect(image, options, context)).toSorted((a, b) => a.box[0] - b.box[0]);
      const expected = faces.toSorted((a, b) => a.box[0]! - b.box[0]!);
      expect(found.length).toBe(expected.length);
      for (const [i, face] of expected.entries()) {
        const got = [...found[i]!.box, ...found[i]!.landmarks.flat()];
        const difference = Math.max(...[...face.box, ...face.landmarks].map((value, k) => Math.abs(value - got[k]!)));
        expect(difference).toBeLessThan(0.2);
        expect(found[i]!.confidence).toBeCloseTo(face.score, 3);
      }
    },
  );
});
