import { afterAll, expect, test } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { ServiceError } from '../../../detector/errors.ts';
import { decodeDetectReply } from '../../../detector/http/detect-reply.ts';
import { createFakeFaceFinder } from './fake-face-finder.ts';
import { postForm } from './post-form.ts';

const finder = createFakeFaceFinder();
const config = { deadline_ms: 1000 };
const app = await buildDetectorApp({ finder, config });
afterAll(() => app.close());

const bytes = Buffer.from('the bytes of a photo');

test('JSON, data URL, multipart and raw bytes all bring the same image', async () => {
  const base64 = bytes.toString('base64');
  const requests = [
    { payload: { image: base64 } },
    { payload: { image: `data:image/jpeg;base64,${base64}`, later: 'unknown members are left alone' } },
    postForm([
      { name: 'comment', content: 'hello' },
      { name: 'image', filename: 'a.jpg', content: bytes },
    ]),
    { headers: { 'content-type': 'image/jpeg' }, payload: bytes },
    { headers: { 'content-type': 'application/octet-stream' }, payload: bytes },
  ];
  for (const request of requests) {
    const reply = await app.inject({ method: 'POST', url: '/detect', ...request });
    expect(reply.statusCode).toBe(200);
    expect(finder.asked.at(-1)).toEqual({ image: bytes, request: { crop: null } });
  }
});

test('the JSON reply has boxes, confidences and landmarks, largest first', async () => {
  const reply = await app.inject({ method: 'POST', url: '/detect', payload: { image: 'AQID' } });
  expect(reply.headers['content-type']).toContain('application/json');
  expect(reply.json()).toMatchObject({
    image: { width: 120, height: 90 },
    detector: 'mtcnn',
    faces: [
      { bounding_box: [10, 10, 60, 80], detection_confidence: 0.99 },
      { bounding_box: [70, 20, 100, 60], detection_confidence: 0.95 },
    ],
  });
  expect(reply.json().faces[0].landmarks).toHaveLength(5);
});

const binary = { accept: 'application/octet-stream', 'content-type': 'image/png' };

test('the binary reply carries the crops behind its JSON', async () => {
  const reply = await app.inject({ method: 'POST', url: '/detect?crop=arcface_112', headers: binary, payload: bytes });
  expect(reply.statusCode).toBe(200);
  expect(reply.headers['content-type']).toBe('application/octet-stream');
  const length = Number(reply.headers['inference-header-content-length']);
  expect(JSON.parse(reply.rawPayload.subarray(0, length).toString()).outputs).toEqual([
    { name: 'crops', datatype: 'UINT8', shape: [2, 3, 112, 112], parameters: { binary_data_size: 2 * 3 * 112 * 112 } },
  ]);
  const headers = { get: (name: string) => String(reply.headers[name]) };
  const found = decodeDetectReply(headers, reply.rawPayload, { maxFaces: 10, cropSize: 112 });
  expect(new Set(found.crops)).toEqual(new Set([7]));
  expect(finder.asked.at(-1)!.request).toEqual({ crop: 'arcface_112' });
});

test('without a crop the binary reply has none; without the Accept header none is cut', async () => {
  const plain = await app.inject({ method: 'POST', url: '/detect', headers: binary, payload: bytes });
  expect(plain.rawPayload.length).toBe(Number(plain.headers['inference-header-content-length']));
  await app.inject({ method: 'POST', url: '/detect?crop=dlib_150', payload: { image: 'AQID' } });
  expect(finder.asked.at(-1)!.request).toEqual({ crop: null });
});

test('an unknown crop or parameter is INVALID_REQUEST, naming the crops', async () => {
  const unknown = await app.inject({ method: 'POST', url: '/detect?crop=oval', payload: { image: 'AQID' } });
  expect(unknown.statusCode).toBe(400);
  expect(unknown.json()).toMatchObject({
    code: 'INVALID_REQUEST',
    issues: [{ path: 'query.crop', message: 'expected one of dlib_150, arcface_112, box_160' }],
  });
  const typo = await app.inject({ method: 'POST', url: '/detect?corp=dlib_150', payload: { image: 'AQID' } });
  expect(typo.json().code).toBe('INVALID_REQUEST');
  // A name that every object has is still none of ours.
  const inherited = await app.inject({ method: 'POST', url: '/detect?crop=toString', payload: { image: 'AQID' } });
  expect(inherited.json().code).toBe('INVALID_REQUEST');
});

test('work that outlives the deadline is 504', async () => {
  const slow = createFakeFaceFinder(
    signal =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  const slowApp = await buildDetectorApp({ finder: slow, config: { deadline_ms: 20 } });
  const reply = await slowApp.inject({ method: 'POST', url: '/detect', payload: { image: 'AQID' } });
  expect([reply.statusCode, reply.json().code]).toEqual([504, 'DEADLINE']);
  await slowApp.close();
});

test('health is always ok; readiness says which detector, or 503 and why', async () => {
  expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready', detector: 'mtcnn' });
  const broken = createFakeFaceFinder(undefined, async () => ({ ok: false, reason: 'the nets are missing' }));
  const brokenApp = await buildDetectorApp({ finder: broken, config });
  const reply = await brokenApp.inject('/readyz');
  expect([reply.statusCode, reply.headers['retry-after'], reply.json().detail]).toEqual([
    503,
    '5',
    'the nets are missing',
  ]);
  expect((await brokenApp.inject('/healthz')).statusCode).toBe(200);
  await brokenApp.close();
});

test('an overloaded finder is 503 with Retry-After', async () => {
  const full = createFakeFaceFinder(() =>
    Promise.reject(new ServiceError('OVERLOADED', '64 photos wait already', { retryAfterSeconds: 1 })),
  );
  const fullApp = await buildDetectorApp({ finder: full, config });
  const reply = await fullApp.inject({ method: 'POST', url: '/detect', payload: { image: 'AQID' } });
  expect([reply.statusCode, reply.headers['retry-after'], reply.json().code]).toEqual([503, '1', 'OVERLOADED']);
  await fullApp.close();
});
