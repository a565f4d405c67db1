import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Config } from '../../../config.ts';
import { intersectionOverUnion } from '../../../detector/core/box.ts';
import { startProduct } from '../../end_to_end/product.ts';
import { availableDetectors, samplePhotos, testConfig } from '../../end_to_end/test-models.ts';

const tool = inject('pillowHeif');
const detectors = await availableDetectors();

if ('missing' in tool) {
  describe('a photo as HEIC', () => {
    it.skip(`skipped: ${tool.missing}`);
  });
} else {
  describe.each(detectors)('a photo as HEIC, and %s', name => {
    let config: Config;
    let product: Awaited<ReturnType<typeof startProduct>>;

    beforeAll(async () => {
      config = await testConfig({ detector: { name } });
      product = await startProduct(config);
    });
    afterAll(async () => {
      await product.close();
      await rm(config.data_dir, { recursive: true });
    });

    it.each([1, 2, 3, 4, 5, 6])('sample%i.jpg has the same faces in both formats', async number => {
      const jpeg = path.join(samplePhotos, `sample${number}.jpg`);
      const heic = path.join(config.data_dir, `sample${number}.heic`);
      await promisify(execFile)(tool.python, [path.join(import.meta.dirname, 'encode.py'), jpeg, heic]);
      const [expected, found] = await Promise.all([jpeg, heic].map(async file => product.infer(await readFile(file))));
      expect([expected?.status, found?.status]).toEqual([200, 200]);
      expect(expected!.body.image).toEqual(found!.body.image);
      const faces = expected!.body.faces;
      expect(faces.length).toBeGreaterThan(1);
      expect(found!.body.faces.length).toBe(faces.length);
      for (const { bounding_box: box } of faces) {
        const overlaps = found!.body.faces.map(face => intersectionOverUnion(face.bounding_box, box));
        expect(Math.max(...overlaps)).toBeGreaterThan(0.9);
      }
    });
  });
}
