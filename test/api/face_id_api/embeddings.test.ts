import { describe, expect, it, onTestFinished } from 'vitest';
import type { FindRequest } from '../../../detector/face-finder.ts';
import { buildApiApp } from '../../../face_id_api/app.ts';
import { base64, dimension, fakeDeps, fakeFinder, noisyPhoto, photo, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const post = (url: string, image: Buffer) => ({ method: 'POST', url, payload: { image: base64(image) } }) as const;

describe('POST /embeddings', () => {
  it('answers with the whole documented reply', async () => {
    const { app } = await startApi();
    const reply = await app.inject(post('/embeddings', photo(3)));
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      faces: [
        {
          bounding_box: [10.12, 20, 110.5, 150.25],
          detection_confidence: 0.999123,
          landmarks: [
            [40, 60],
            [80, 60],
            [60, 80.13],
            [45, 110],
            [75, 110],
          ],
          embedding: [...vectorOf(3)],
        },
      ],
      model: { name: 'fake_embedder', version: '1', fingerprint: 'fp-fake' },
      detector: 'mtcnn',
      image: { width: 640, height: 480 },
    });
  });

  it('gives unit vectors, one per face in the order of the faces, and none for a photo without faces', async () => {
    const { app } = await startApi();
    const { faces } = (await app.inject(post('/embeddings', noisyPhoto(2, 77)))).json();
    expect(faces[0].embedding).toHaveLength(dimension);
    expect(Math.hypot(...faces[0].embedding)).toBeCloseTo(1, 7);
    const several = (await app.inject(post('/embeddings', photo(1, 5)))).json().faces;
    expect(several.map((face: { embedding: number[] }) => face.embedding.indexOf(1))).toEqual([1, 5]);
    expect((await app.inject(post('/embeddings', photo()))).json().faces).toEqual([]);
  });

  it('looks nobody up', async () => {
    const deps = fakeDeps();
    const refuse = () => Promise.reject(new Error('the store was asked'));
    const gallery = (name: string) => ({ ...deps.store.gallery(name), search: refuse });
    const app = await buildApiApp({ ...deps, store: { ...deps.store, gallery } });
    onTestFinished(async () => {
      await app.close();
      await deps.store.close();
    });
    expect((await app.inject(post('/infer', photo(1)))).statusCode).toBe(500);
    expect((await app.inject(post('/embeddings', photo(1)))).statusCode).toBe(200);
  });

  it('takes the image as raw bytes too', async () => {
    const { app } = await startApi();
    const headers = { 'content-type': 'image/jpeg' };
    const reply = await app.inject({ method: 'POST', url: '/embeddings', headers, payload: photo(3) });
    expect(reply.json().faces).toHaveLength(1);
  });
});

describe('POST /infer?embeddings=', () => {
  it('adds the vector of every face when it is true', async () => {
    const { infer } = await startApi();
    const { faces } = (await infer(photo(3, 4), '?embeddings=true')).json();
    expect(faces.map((face: { embedding: number[] }) => face.embedding)).toEqual([[...vectorOf(3)], [...vectorOf(4)]]);
    for (const query of ['', '?embeddings=false']) {
      expect((await infer(photo(3), query)).json().faces[0]).not.toHaveProperty('embedding');
    }
    expect((await infer(photo(3), '?embeddings=yes')).statusCode).toBe(400);
  });
});

describe.each(['/infer', '/embeddings'])('POST %s with the search of a request', route => {
  it('hands it to the detector', async () => {
    const plain = fakeFinder();
    const asked: FindRequest[] = [];
    const finder = fakeFinder({
      find: (image, request, options) => {
        asked.push(request);
        return plain.find(image, request, options);
      },
    });
    const { app } = await startApi({ finder });
    await app.inject(post(route, photo(1)));
    await app.inject(post(`${route}?max_side=0&min_face_size=12&max_faces=10000`, photo(1)));
    expect(asked).toEqual([
      { crop: 'arcface_112' },
      { crop: 'arcface_112', maxSide: 0, minFaceSize: 12, maxFaces: 10_000 },
    ]);
  });

  it.each([
    ['max_side', '-1'],
    ['max_side', '20001'],
    ['min_face_size', '11'],
    ['min_face_size', '2001'],
    ['max_faces', '0'],
    ['max_faces', '10001'],
    ['max_faces', '1.5'],
    ['max_faces', ''],
    ['max_faces', 'ten'],
  ])('refuses %s=%s', async (name, value) => {
    const { app } = await startApi();
    const reply = await app.inject(post(`${route}?${name}=${value}`, photo(1)));
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: `query.${name}` }] });
  });
});
