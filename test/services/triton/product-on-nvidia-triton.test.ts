import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { isolateFace } from '../../../detector/isolate-face.ts';
import { startProduct } from '../../end_to_end/product.ts';
import { availableDetectors, installedEmbedder, samplePhotos, testConfig } from '../../end_to_end/test-models.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');
const sample = (n: number): Promise<Buffer> => readFile(path.join(samplePhotos, `sample${n}.jpg`));

describe.skipIf('missing' in real)(
  `the product with NVIDIA's Triton in place of the embedded server${'missing' in real ? ` (skipped: ${real.missing})` : ''}`,
  () => {
    const closers: (() => Promise<unknown>)[] = [];
    let embedded: Awaited<ReturnType<typeof startProduct>>;
    let nvidia: Awaited<ReturnType<typeof startProduct>>;
    let triton: Awaited<ReturnType<typeof startRealTriton>>;

    beforeAll(async () => {
      if ('missing' in real) return;
      const name = (await availableDetectors()).at(-1);
      const repository = path.dirname(await installedEmbedder());
      triton = await startRealTriton(real.run, repository);
      closers.push(() => triton.close());
      const start = async (url: string) => {
        const config = await testConfig({ detector: { name }, triton: { url } });
        const product = await startProduct(config);
        closers.push(async () => {
          await product.close();
          await rm(config.data_dir, { recursive: true });
        });
        return product;
      };
      embedded = await start('embedded');
      nvidia = await start(triton.address);
    });
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    it('finds the same faces and gives the same ids and scores', async () => {
      const photo = await sample(1);
      const { faces } = (await embedded.infer(photo)).body;
      for (const product of [embedded, nvidia]) {
        for (const [i, face] of faces.entries()) {
          const { status } = await product.enrol(i, [await isolateFace(photo, face.bounding_box, 0.6)]);
          expect(status).toBe(200);
        }
      }
      for (const n of [1, 2, 3]) {
        const [ours, theirs] = [await embedded.infer(await sample(n)), await nvidia.infer(await sample(n))];
        expect(theirs.status).toBe(200);
        expect(theirs.body.faces.length).toBe(ours.body.faces.length);
        for (const [i, face] of theirs.body.faces.entries()) {
          const { score, confidence, ...same } = ours.body.faces[i]!;
          expect(face).toMatchObject({ ...same });
          expect(Math.abs(face.score! - score!)).toBeLessThan(1e-4);
          expect(Math.abs(face.confidence! - confidence!)).toBeLessThan(1e-2);
        }
      }
    });

    it('answers DEPENDENCY_DOWN with Retry-After when Triton goes away, and says so in /readyz', async () => {
      await triton.close();
      const { status, body } = await nvidia.infer(await sample(1));
      expect(status).toBe(503);
      expect(body.code).toBe('DEPENDENCY_DOWN');
      expect((await nvidia.call('GET', '/readyz')).status).toBe(503);
      expect((await embedded.infer(await sample(1))).status).toBe(200);
    });
  },
);
