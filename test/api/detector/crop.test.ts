import { expect, onTestFinished, test } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { cropReplySchema } from '../../../detector/http/crop-reply.ts';
import { face } from '../../unit/detector/sample-face.ts';
import { createFakeFaceFinder, type FakeFaceFinder } from './fake-face-finder.ts';

async function start(finder: FakeFaceFinder) {
  const app = await buildDetectorApp({ finder, config: { deadline_ms: 1000 } });
  onTestFinished(() => app.close());
  return app;
}

const length = 3 * 160 * 160;
const image = { width: 640, height: 480 };
const request = { method: 'POST', url: '/crop', payload: { image: 'AQID' } } as const;

test('POST /crop answers with pixels, probabilities and boxes of the faces from 0.9 on', async () => {
  const faces = [face([10, 10, 60, 80], 0.99), face([70, 20, 100, 60.5], 0.899), face([5, 5, 9, 9], 0.9)];
  const crops = new Uint8Array(3 * length);
  crops.fill(200, length, 2 * length);
  // Of the last face: its first pixel, the second of its first row, the first of its second row, and of its blue plane.
  crops.set([255, 128], 2 * length);
  crops.set([127], 2 * length + 160);
  crops.set([64], 2 * length + 2 * 160 * 160);
  const finder = createFakeFaceFinder(async () => ({ image, detector: 'mtcnn', faces, crops }));
  const reply = await (await start(finder)).inject(request);
  expect(reply.statusCode).toBe(200);
  expect(reply.headers['content-type']).toMatch(/^application\/json/);
  const { img, prob, box } = cropReplySchema.strict().parse(reply.json());
  expect(prob).toEqual([0.99, 0.9]);
  expect(box).toEqual([
    [10, 10, 60, 80],
    [5, 5, 9, 9],
  ]);
  expect(new Set(img[0]?.flat(2))).toEqual(new Set([-127.5 / 128]));
  const [red, , blue] = img[1] ?? [];
  expect(red?.[0]?.slice(0, 3)).toEqual([127.5 / 128, 0.5 / 128, -127.5 / 128]);
  expect(red?.[1]?.[0]).toBe(-0.5 / 128);
  expect(blue?.[0]?.[0]).toBe((64 - 127.5) / 128);
  expect(finder.asked[0]?.request).toEqual({ crop: 'box_160' });
});

test('POST /crop answers with empty lists for a photo without faces', async () => {
  const none = { image, detector: 'mtcnn', faces: [], crops: new Uint8Array(0) };
  const app = await start(createFakeFaceFinder(async () => none));
  expect((await app.inject(request)).json()).toEqual({ img: [], prob: [], box: [] });
});

test.each(['/crop', '/detect'])('POST %s hands the search of a request on, within its bounds', async url => {
  const finder = createFakeFaceFinder();
  const app = await start(finder);
  await app.inject({ ...request, url: `${url}?max_side=640&min_face_size=20&max_faces=2` });
  expect(finder.asked[0]?.request).toMatchObject({ maxSide: 640, minFaceSize: 20, maxFaces: 2 });
  for (const wrong of ['max_side=-1', 'min_face_size=11', 'max_faces=0', 'max_faces=10001', 'max_faces=']) {
    const reply = await app.inject({ ...request, url: `${url}?${wrong}` });
    expect(reply.json()).toMatchObject({
      status: 400,
      code: 'INVALID_REQUEST',
      issues: [{ path: `query.${wrong.split('=')[0]}` }],
    });
  }
  expect(finder.asked).toHaveLength(1);
});
