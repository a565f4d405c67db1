import sharp from 'sharp';
import { onTestFinished, test } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { decodeImage } from '../../../detector/decode-image.ts';
import { createFakeFaceFinder } from '../../api/detector/fake-face-finder.ts';
import { fuzz } from '../fuzz.ts';
import { answersAsDocumented, requests } from '../http-request.ts';

const image = await sharp({ create: { width: 9, height: 7, channels: 3, background: '#888' } })
  .png()
  .toBuffer();

test('the detector answers any request with a documented status', async () => {
  const fake = createFakeFaceFinder();
  const finder: typeof fake = {
    ...fake,
    async find(bytes, request, options) {
      await decodeImage(bytes, { maxSide: 64 });
      return fake.find(bytes, request, options);
    },
  };
  const app = await buildDetectorApp({ finder, config: { deadline_ms: 30_000 } });
  onTestFinished(() => app.close());
  const shape = {
    routes: {
      'POST /detect': ['crop', 'max_side'],
      'POST /crop': ['max_faces'],
      'GET /readyz': [],
      'GET /metrics': [],
      'GET /:id': [],
    },
    members: ['image'],
    images: [image.toString('base64'), image.subarray(0, 40).toString('base64'), '%', ''],
  };
  await fuzz(requests(shape), request => answersAsDocumented(app, request));
});
