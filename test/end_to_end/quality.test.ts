import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../config.ts';
import { isolateFace } from '../../detector/isolate-face.ts';
import { generateReplySchema } from '../../face_id_api/routes/generate.ts';
import { inferReplySchema } from '../../face_id_api/routes/infer.ts';
import { startProduct } from './product.ts';
import { samplePhotos, testConfig } from './test-models.ts';

let config: Config;
let product: Awaited<ReturnType<typeof startProduct>>;
let group: Buffer;
/** One person, cut out of it. */
let person: Buffer;

beforeAll(async () => {
  // The sample photos are much sharper than what is asked by default, and a face that is blurred beyond that is not always found.
  config = await testConfig({ quality: { thresholds: { sharpness: 0.8 } } });
  product = await startProduct(config);
  group = await readFile(path.join(samplePhotos, 'sample1.jpg'));
  const [face] = (await product.infer(group)).body.faces;
  person = await isolateFace(group, face!.bounding_box, 1);
});
afterAll(async () => {
  await product.close();
  await rm(config.data_dir, { recursive: true });
});

async function qualityOf(photo: Buffer) {
  const { faces } = inferReplySchema.parse((await product.infer(photo, '?quality=true')).body);
  return faces[0]!.quality!;
}

const faulty = async (fault: (image: Sharp) => Sharp): Promise<Buffer> =>
  fault(sharp(person)).jpeg({ quality: 92 }).toBuffer();

test('a good photo falls short in nothing', async () => {
  expect(await qualityOf(person)).toMatchObject({ reasons: [] });
});

test('each fault is seen in its own measure, and lowers the score', async () => {
  const good = await qualityOf(person);
  const blurred = await qualityOf(await faulty(image => image.blur(5)));
  expect(blurred.sharpness).toBeLessThan(0.8 * good.sharpness);
  expect(Math.abs(blurred.brightness - good.brightness)).toBeLessThan(0.15);
  const dark = await qualityOf(await faulty(image => image.linear(0.4, 0)));
  expect(dark.brightness).toBeGreaterThan(0.2 * good.brightness);
  expect(dark.brightness).toBeLessThan(0.6 * good.brightness);
  const small = await qualityOf(await faulty(image => image.resize(960)));
  expect(small.box_side).toBeLessThan(0.6 * good.box_side);
  expect(blurred.score).toBeLessThan(good.score);
});

test('the same face, mirrored and tilted, is turned to the other side and rolled', async () => {
  const good = await qualityOf(person);
  const mirrored = await qualityOf(await faulty(image => image.flop()));
  expect(mirrored.yaw).toBeGreaterThan(-good.yaw - 8);
  expect(mirrored.yaw).toBeLessThan(-good.yaw + 8);
  const tilted = await qualityOf(await faulty(image => image.rotate(12, { background: '#808080' })));
  expect(tilted.roll - good.roll).toBeGreaterThan(6);
  expect(tilted.roll - good.roll).toBeLessThan(18);
});

test('enrolment warns of a blurred photo by default, and refuses it when told to', async () => {
  const images = [person, await faulty(image => image.blur(5))];
  const warned = (await product.enrol('ann', images, '?quality=true')).body;
  expect(generateReplySchema.parse(warned)).toMatchObject({
    enrolled: 2,
    refused: [],
    warnings: [{ index: 1, reasons: expect.arrayContaining(['LOW_SHARPNESS']) }],
    quality: [
      { index: 0, reasons: [] },
      { index: 1, reasons: expect.arrayContaining(['LOW_SHARPNESS']) },
    ],
  });
  const refused = (await product.enrol('ann', images, '?gate=refuse')).body;
  expect(generateReplySchema.parse(refused)).toMatchObject({
    enrolled: 1,
    templates: 1,
    refused: [{ index: 1, reasons: expect.arrayContaining(['LOW_SHARPNESS']) }],
    warnings: [],
  });
});

test('enrolment warns of a group photo by default, and refuses it when told to', async () => {
  const crowded = { index: 0, code: 'EXCEEDS_MAX_FACES' };
  expect((await product.enrol('eve', [group])).body).toMatchObject({ enrolled: 1, refused: [], warnings: [crowded] });
  const refused = await product.enrol('eve', [group], '?gate=refuse');
  expect(refused.body).toMatchObject({ status: 422, refused: [crowded] });
});
