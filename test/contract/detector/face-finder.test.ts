import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detectorConfig } from '../../../detector/config.ts';
import { intersectionOverUnion } from '../../../detector/core/box.ts';
import { createFaceFinder } from '../../../detector/create-face-finder.ts';
import type { FaceFinder } from '../../../detector/face-finder.ts';
import type { OnnxPool } from '../../../triton/onnx-pool/job.ts';
import { createOnnxPool } from '../../../triton/onnx-pool/onnx-pool.ts';
import { type InstalledForTest, installForTest } from './install-for-test.ts';

// The whole way, with real threads and real nets: bytes in, crops out. ssd_mobilenetv1, because every machine has it.

const demoDir = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')),
  'demo',
);
const photo = readFileSync(path.join(demoDir, 'sample1.jpg'));
const signal = new AbortController().signal;

let installed: InstalledForTest;
let pool: OnnxPool;
let finder: FaceFinder;

beforeAll(async () => {
  installed = await installForTest('ssd_mobilenetv1');
  pool = createOnnxPool({ threads: 2, maxQueued: 10 });
  finder = createFaceFinder({
    pool,
    detectorName: 'ssd_mobilenetv1',
    modelDir: installed.dir,
    config: detectorConfig.parse({ max_side: 1024 }),
  });
});
afterAll(async () => {
  await finder.close();
  await pool.close();
  await installed.remove();
});

test('it is ready once every thread has its nets', async () => {
  expect(await finder.ready()).toEqual({ ok: true, detector: 'ssd_mobilenetv1' });
});

test('a photo gives its faces largest first, in its own pixels, with a crop each', async () => {
  const found = await finder.find(photo, { crop: 'arcface_112' }, { signal });
  expect(found.image).toEqual({ width: 1920, height: 1280 });
  expect(found.faces.length).toBe(3);
  const areas = found.faces.map(({ box: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1));
  expect(areas).toEqual(areas.toSorted((a, b) => b - a));
  expect(areas[0]).toBeGreaterThan(150 * 150);
  expect(found.crops?.length).toBe(3 * 3 * 112 * 112);
  expect(new Set(found.crops!.subarray(0, 112 * 112)).size).toBeGreaterThan(50);
});

test('a transparent PNG and a photo turned by EXIF give the same faces in upright pixels', async () => {
  const plain = await finder.find(photo, { crop: null }, { signal });
  const transparent = await sharp(photo).resize(960).ensureAlpha(0.99).png({ compressionLevel: 1 }).toBuffer();
  const turned = await sharp(photo).rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 98 }).toBuffer();
  for (const [bytes, scale] of [
    [transparent, 0.5],
    [turned, 1],
  ] as const) {
    const found = await finder.find(bytes, { crop: null }, { signal });
    expect(found.image).toEqual({ width: 1920 * scale, height: 1280 * scale });
    expect(found.faces.length).toBe(plain.faces.length);
    for (const { box } of plain.faces) {
      const expected = [box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale] as const;
      expect(Math.max(...found.faces.map(face => intersectionOverUnion(face.box, expected)))).toBeGreaterThan(0.85);
    }
  }
});

test('photos that come together are all answered, the same as alone', async () => {
  const alone = await finder.find(photo, { crop: 'dlib_150' }, { signal });
  const together = await Promise.all(
    Array.from({ length: 6 }, () => finder.find(photo, { crop: 'dlib_150' }, { signal })),
  );
  for (const found of together) {
    expect(found.faces).toEqual(alone.faces);
    expect(Buffer.compare(found.crops!, alone.crops!)).toBe(0);
  }
});
