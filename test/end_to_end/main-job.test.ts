import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../config.ts';
import { isolateFace } from '../../detector/isolate-face.ts';
import { runDemo } from '../../face_id_api/demo/run-demo.ts';
import { type Face, startProduct } from './product.ts';
import { availableDetectors, samplePhotos, sharedPhotos, testConfig } from './test-models.ts';

const available = await availableDetectors();
const sample = (n: number): Promise<Buffer> => readFile(path.join(samplePhotos, `sample${n}.jpg`));
const ids = (faces: Face[]): (string | number | null)[] => faces.map(face => face.id).sort();

for (const name of ['ssd_mobilenetv1', 'mtcnn'] as const) {
  const missing = !available.includes(name);
  describe.skipIf(missing)(
    `photo in, identity out, with ${name}${missing ? ' (no source of its weights answers)' : ''}`,
    () => {
      let config: Config;
      let product: Awaited<ReturnType<typeof startProduct>>;
      let photo: Buffer;
      let faces: Face[];

      beforeAll(async () => {
        config = await testConfig({ detector: { name } });
        product = await startProduct(config);
        photo = await sample(1);
        faces = (await product.infer(photo)).body.faces;
      });
      afterAll(async () => {
        await product.close();
        await rm(config.data_dir, { recursive: true });
      });

      it('knows nobody in an empty gallery', async () => {
        const { status, body } = await product.infer(photo);
        expect(status).toBe(200);
        expect(body).toMatchObject({ detector: name, image: { width: 1920, height: 1280 } });
        expect(body.faces).toHaveLength(3);
        for (const face of body.faces)
          expect(face).toMatchObject({ id: null, decision: 'unknown', score: null, confidence: null });
        faces = body.faces;
      });

      it('recognises whom it has enrolled, and nobody else', async () => {
        const enrolled = await product.enrol(2576, [await isolateFace(photo, faces[0]!.bounding_box, 0.6)]);
        expect(enrolled).toMatchObject({ status: 200, body: { id: 2576, enrolled: 1, templates: 1, Response: 'OK' } });
        const { body } = await product.infer(photo);
        expect(body.faces.map(face => face.decision)).toEqual(['match', 'unknown', 'unknown']);
        expect(body.faces[0]).toMatchObject({ id: 2576 });
        expect(body.faces[0]!.score).toBeGreaterThan(0.98);
        expect(body.faces[0]!.confidence).toBeGreaterThan(0.95);
      });

      it('gives the same answers and upright boxes for the same photo stored rotated or with an alpha channel', async () => {
        const before = (await product.infer(photo)).body.faces;
        const rotated = await sharp(photo)
          .rotate(-90)
          .withMetadata({ orientation: 6 })
          .jpeg({ quality: 95 })
          .toBuffer();
        const transparent = await sharp(photo).ensureAlpha(0.999).png().toBuffer();
        for (const [what, image] of Object.entries({ rotated, transparent })) {
          const { status, body } = await product.infer(image);
          expect(status, what).toBe(200);
          expect(body.image, what).toEqual({ width: 1920, height: 1280 });
          expect(ids(body.faces), what).toEqual(ids(before));
          for (const [i, face] of body.faces.entries()) {
            face.bounding_box.forEach((side, k) => {
              expect(Math.abs(side - before[i]!.bounding_box[k]!), what).toBeLessThan(12);
            });
          }
        }
      });

      it('still knows them after a restart', async () => {
        await product.close();
        product = await startProduct(config);
        expect((await product.infer(photo)).body.faces[0]).toMatchObject({ id: 2576, decision: 'match' });
      });

      it('knows nobody after erasure', async () => {
        expect((await product.call('DELETE', '/identities/2576')).body).toMatchObject({
          deleted: { identities: 1, templates: 1 },
        });
        expect(ids((await product.infer(photo)).body.faces)).toEqual([null, null, null]);
      });

      it('answers every labelled face of the demo rightly', async () => {
        const lines: string[] = [];
        const outDir = path.join(config.data_dir, 'demo');
        const result = await runDemo({
          apiUrl: product.apiUrl!,
          apiKey: null,
          labels: path.resolve(import.meta.dirname, '../../data/demo.json'),
          photoDir: samplePhotos,
          outDir,
          print: line => lines.push(line),
        });
        expect(result.wrong, lines.join('\n')).toBe(0);
        expect(result.right).toBeGreaterThanOrEqual(20);
        expect((await sharp(path.join(outDir, 'sample1-after.jpg')).metadata()).width).toBe(1920);
      });

      it.skipIf(name !== 'mtcnn')(
        'answers with every face of a photo with more than five hundred (mtcnn)',
        async () => {
          const [x1, y1, x2, y2] = faces[0]!.bounding_box.map(Math.round) as Face['bounding_box'];
          const head = { left: x1 - 40, top: y1 - 40, width: x2 - x1 + 80, height: y2 - y1 + 80 };
          const face = await sharp(photo).extract(head).resize(80, 80).toBuffer();
          const crowd = await sharp({ create: { width: 1920, height: 1920, channels: 3, background: '#888' } })
            .composite(
              Array.from({ length: 576 }, (_, i) => ({
                input: face,
                left: 80 * (i % 24),
                top: 80 * Math.floor(i / 24),
              })),
            )
            .jpeg({ quality: 95 })
            .toBuffer();
          const { status, body } = await product.infer(crowd);
          expect(status).toBe(200);
          expect(body.faces.length).toBe(576);
        },
      );

      it.skipIf(sharedPhotos === null)('answers for a real crowd (needs ../shared/photos)', async () => {
        const { status, body } = await product.infer(await readFile(path.join(sharedPhotos!, 'crowds/solvay1927.jpg')));
        expect(status).toBe(200);
        expect(body.faces.length).toBeGreaterThan(name === 'mtcnn' ? 25 : 5);
      });
    },
  );
}
