import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectorConfig } from '../../../detector/config.ts';
import { createFaceFinder } from '../../../detector/create-face-finder.ts';
import type { FaceFinder } from '../../../detector/face-finder.ts';
import type { OnnxPool } from '../../../triton/onnx-pool/job.ts';
import { createOnnxPool } from '../../../triton/onnx-pool/onnx-pool.ts';
import { type InstalledForTest, installForTest, missingWeights } from './install-for-test.ts';

// A photo that threads share against one that a thread has for itself: real threads, real nets.

const missing = missingWeights('mtcnn');
const demoDir = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')),
  'demo',
);
const photo = readFileSync(path.join(demoDir, 'sample5.jpg'));
const signal = new AbortController().signal;

describe.skipIf(missing)(`a photo that threads share ${missing ?? ''}`, () => {
  let installed: InstalledForTest;
  const pools: OnnxPool[] = [];
  const finders: FaceFinder[] = [];

  beforeAll(async () => {
    installed = await installForTest('mtcnn');
  });
  afterAll(async () => {
    for (const finder of finders) await finder.close();
    for (const pool of pools) await pool.close();
    await installed.remove();
  });

  function finderWith(threads: number): FaceFinder {
    const pool = createOnnxPool({ threads, maxQueued: 10 });
    const config = detectorConfig.parse({ max_side: 1024, min_face_size: 20 });
    const finder = createFaceFinder({ pool, detectorName: 'mtcnn', modelDir: installed.dir, config });
    pools.push(pool);
    finders.push(finder);
    return finder;
  }

  test('has the same faces as one thread finds, one photo after the other and several at once', async () => {
    const alone = await finderWith(1).find(photo, { crop: 'dlib_150' }, { signal });
    expect(alone.faces.length).toBe(5);
    const shared = finderWith(3);
    const find = () => shared.find(photo, { crop: 'dlib_150' }, { signal });
    const found = [await find(), await find(), ...(await Promise.all([find(), find(), find(), find()]))];
    for (const { faces, crops } of found) {
      expect(faces).toEqual(alone.faces);
      expect(crops).toEqual(alone.crops);
    }
    // Nobody still helps with a photo that is done.
    await expect.poll(() => pools[1]?.idle()).toBe(3);
  });
});
