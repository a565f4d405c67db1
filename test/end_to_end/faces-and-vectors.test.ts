import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../config.ts';
import { cropReplySchema } from '../../detector/http/crop-reply.ts';
import { isolateFace } from '../../detector/isolate-face.ts';
import { embeddingsReplySchema } from '../../face_id_api/routes/embeddings.ts';
import { faceArraysSchema } from '../../face_id_api/routes/face-arrays.ts';
import { inferReplySchema } from '../../face_id_api/routes/infer.ts';
import { verifyReplySchema } from '../../face_id_api/routes/verify.ts';
import { startProduct } from './product.ts';
import { samplePhotos, testConfig } from './test-models.ts';

let config: Config;
let product: Awaited<ReturnType<typeof startProduct>>;
let photo: Buffer;

beforeAll(async () => {
  config = await testConfig();
  product = await startProduct(config);
  photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
});
afterAll(async () => {
  await product.close();
  await rm(config.data_dir, { recursive: true });
});

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

async function verify(source: Buffer, target: Buffer) {
  const [source_image, target_image] = [source.toString('base64'), target.toString('base64')];
  const { body } = await product.call('POST', '/verify', { source_image, target_image });
  return verifyReplySchema.parse(body);
}

test('/embeddings and /infer?embeddings=true give the same unit vectors for the same faces', async () => {
  const { faces } = embeddingsReplySchema.parse((await product.call('POST', '/embeddings', photo)).body);
  expect(faces).toHaveLength(3);
  for (const { embedding } of faces) {
    expect(embedding).toHaveLength(128);
    expect(dot(embedding, embedding)).toBeCloseTo(1, 6);
  }
  const inferred = inferReplySchema.parse((await product.infer(photo, '?embeddings=true')).body).faces;
  for (const [i, { embedding }] of inferred.entries()) expect(dot(embedding!, faces[i]!.embedding)).toBeCloseTo(1, 4);
});

test('/verify knows a person again and tells two people apart, by the cosine of their vectors', async () => {
  const { faces } = (await product.infer(photo)).body;
  const first = await isolateFace(photo, faces[0]!.bounding_box, 0.6);
  const second = await isolateFace(photo, faces[1]!.bounding_box, 0.6);
  const same = await verify(first, photo);
  expect(same).toMatchObject({ decision: 'match', detector: 'ssd_mobilenetv1' });
  expect(same.score).toBeGreaterThan(0.98);
  const different = await verify(first, second);
  expect(different.decision).toBe('unknown');
  expect(different.confidence).toBeLessThan(0.5);
  const [a, b] = await Promise.all([first, second].map(image => product.call('POST', '/embeddings', image)));
  const vectors = [a, b].map(reply => embeddingsReplySchema.parse(reply!.body).faces[0]!.embedding);
  expect(different.score).toBeCloseTo(dot(vectors[0]!, vectors[1]!), 4);
});

test('/verify says which photo holds no face', async () => {
  const blank = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#888' } })
    .png()
    .toBuffer();
  const images = { source_image: photo.toString('base64'), target_image: blank.toString('base64') };
  const reply = await product.call('POST', '/verify', images);
  expect([reply.status, reply.body.code]).toEqual([422, 'NO_FACE']);
  expect(reply.body.issues).toEqual([{ path: 'body.target_image', message: 'no face was found' }]);
});

test('/infer?format=arrays names the nearest person where /infer knows nobody', async () => {
  const empty = faceArraysSchema.parse((await product.infer(photo, '?format=arrays')).body);
  expect(empty).toEqual({ cos_id: [], cos_conf: [], euc_id: [], euc_conf: [], bb: [], emb: [] });
  const { faces } = (await product.infer(photo)).body;
  await product.enrol(2576, [await isolateFace(photo, faces[0]!.bounding_box, 0.6)]);
  const { cos_id, euc_id, cos_conf, bb } = faceArraysSchema.parse((await product.infer(photo, '?format=arrays')).body);
  expect([cos_id, euc_id]).toEqual([
    [2576, 2576, 2576],
    [2576, 2576, 2576],
  ]);
  expect(cos_conf[0]).toBeGreaterThan(0.98);
  expect(bb[0]).toEqual(faces[0]!.bounding_box.map(Math.round));
});

test('max_faces answers with the largest faces only', async () => {
  const all = (await product.infer(photo)).body.faces;
  const one = (await product.infer(photo, '?max_faces=1')).body.faces;
  expect(one.map(face => face.bounding_box)).toEqual([all[0]!.bounding_box]);
});

test('the detector’s /crop has the faces of its /detect, as pixels of an 8-bit photo', async () => {
  const post = async (route: string) => {
    const body = new Uint8Array(photo);
    const headers = { 'content-type': 'image/jpeg' };
    return (await fetch(new URL(route, product.detectorUrl!), { method: 'POST', headers, body })).json();
  };
  const { img, prob, box } = cropReplySchema.parse(await post('/crop'));
  const detected = ((await post('/detect')) as { faces: { bounding_box: number[]; detection_confidence: number }[] })
    .faces;
  const sure = detected.filter(face => face.detection_confidence >= 0.9);
  expect(sure.length).toBeGreaterThan(0);
  expect(img).toHaveLength(sure.length);
  for (const [i, face] of sure.entries()) {
    expect(prob[i]).toBeCloseTo(face.detection_confidence, 5);
    for (const [k, side] of face.bounding_box.entries()) expect(box[i]![k]).toBeCloseTo(side, 2);
  }
  const values = img.flat(3);
  expect(values.every(value => Number.isInteger(value * 128 + 127.5))).toBe(true);
  // A picture, not one colour.
  expect(new Set(values).size).toBeGreaterThan(50);
});
