import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../detector/errors.ts';
import { ServiceError } from '../../../detector/errors.ts';
import type { FaceFinder } from '../../../detector/face-finder.ts';
import { TritonError, type TritonErrorCode } from '../../../triton/client/triton-error.ts';
import { base64, brokenPhoto, fakeCard, fakeFinder, fakeTriton, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

/** A finder that never ends on its own. */
const stuckFinder = (): FaceFinder => fakeFinder({ find: () => new Promise(() => {}) });

describe('the error table', () => {
  it.each([
    ['an empty body', undefined, /body/],
    ['a missing field', {}, /body\.image/],
    ['a wrong type', { image: 5 }, /body\.image/],
    ['an empty image', { image: '' }, /body\.image/],
    ['an array', [], /body/],
  ])('answers 400 INVALID_REQUEST for %s', async (_, payload, detail) => {
    const { app } = await startApi();
    const reply = await app.inject({ method: 'POST', url: '/infer', ...(payload === undefined ? {} : { payload }) });
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(reply.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST', issues: [{}] });
    expect(reply.json().detail).toMatch(detail);
  });

  it('answers 400 INVALID_REQUEST for broken JSON', async () => {
    const { app } = await startApi();
    const headers = { 'content-type': 'application/json' };
    const reply = await app.inject({ method: 'POST', url: '/infer', headers, payload: '{"image":' });
    expect(reply.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });

  it('answers 400 INVALID_BASE64', async () => {
    const { app } = await startApi();
    const reply = await app.inject({ method: 'POST', url: '/infer', payload: { image: '%%%' } });
    expect(reply.json()).toMatchObject({ status: 400, code: 'INVALID_BASE64' });
  });

  it('answers 413 TOO_LARGE for an image beyond the limit, in JSON or raw', async () => {
    const { app } = await startApi({ limits: { maxImageBytes: 1000 } });
    const bytes = Buffer.alloc(1001, 65);
    const json = await app.inject({ method: 'POST', url: '/infer', payload: { image: base64(bytes) } });
    const headers = { 'content-type': 'image/png' };
    const raw = await app.inject({ method: 'POST', url: '/infer', headers, payload: bytes });
    for (const reply of [json, raw]) expect(reply.json()).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  });

  it('bounds an image of /generate by itself, and all of them by the body', async () => {
    const { generate } = await startApi({ limits: { maxImageBytes: 1000, maxGenerateBytes: 4000 } });
    const large = { image: base64(Buffer.alloc(1001, 65)) };
    const reply = await generate({ id: 1, images: [{ image: base64(photo(1)) }, large] });
    expect(reply.json()).toMatchObject({ enrolled: 1, refused: [{ index: 1, code: 'TOO_LARGE' }] });
    const tooMuch = await generate({ id: 1, images: [large, large, large] });
    expect(tooMuch.json()).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  });

  it.each<[ErrorCode, number]>([
    ['TOO_MANY_PIXELS', 413],
    ['UNSUPPORTED_IMAGE', 415],
    ['UNREADABLE', 422],
    ['OVERLOADED', 503],
  ])('passes on what the detector says: %s', async (code, status) => {
    const { infer } = await startApi();
    expect((await infer(brokenPhoto(code))).json()).toMatchObject({ status, code });
  });

  it('answers 415 UNSUPPORTED_MEDIA_TYPE for another content type', async () => {
    const { app } = await startApi();
    const headers = { 'content-type': 'text/plain' };
    const reply = await app.inject({ method: 'POST', url: '/infer', headers, payload: 'hello' });
    expect(reply.json()).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('answers 503 DEPENDENCY_DOWN with Retry-After when the detector is down', async () => {
    const finder = fakeFinder({
      find: async () => {
        throw new ServiceError('DEPENDENCY_DOWN', 'The detector does not answer', { retryAfterSeconds: 5 });
      },
    });
    const reply = await (await startApi({ finder })).infer(photo(1));
    expect(reply.json()).toMatchObject({ status: 503, code: 'DEPENDENCY_DOWN' });
    expect(reply.headers['retry-after']).toBe('5');
  });

  it.each<[TritonErrorCode, number, ErrorCode]>([
    ['UNAVAILABLE', 503, 'DEPENDENCY_DOWN'],
    ['NOT_FOUND', 503, 'DEPENDENCY_DOWN'],
    ['RESOURCE_EXHAUSTED', 503, 'OVERLOADED'],
    ['DEADLINE_EXCEEDED', 504, 'DEADLINE'],
    ['INVALID_ARGUMENT', 500, 'INTERNAL'],
  ])('answers Triton’s %s with %i %s', async (tritonCode, status, code) => {
    const client = fakeTriton({ infer: async () => Promise.reject(new TritonError(tritonCode, 'text of Triton')) });
    const reply = await (await startApi({ client })).infer(photo(1));
    expect(reply.json()).toMatchObject({ status, code });
    expect(reply.headers['retry-after'] !== undefined).toBe(status === 503);
    expect(reply.body).not.toContain('text of Triton');
  });

  it('answers 504 DEADLINE when the detector does not heed the signal', async () => {
    const { infer } = await startApi({ finder: stuckFinder(), limits: { deadlineMs: 20 } });
    expect((await infer(photo(1))).json()).toMatchObject({ status: 504, code: 'DEADLINE' });
  });

  it('answers 503 OVERLOADED beyond the requests at once, and takes new ones when those end', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const plain = fakeFinder();
    const finder = fakeFinder({
      find: async (...args) => {
        await release;
        return plain.find(...args);
      },
    });
    const { infer } = await startApi({ finder, limits: { maxInFlight: 2 } });
    const waiting = [infer(photo(1)), infer(photo(1))];
    const refused = await infer(photo(1));
    expect(refused.json()).toMatchObject({ status: 503, code: 'OVERLOADED' });
    expect(refused.headers['retry-after']).toBe('1');
    resolve();
    for (const reply of await Promise.all(waiting)) expect(reply.statusCode).toBe(200);
    expect((await infer(photo(1))).statusCode).toBe(200);
  });

  it('answers 500 INTERNAL without telling why when something breaks', async () => {
    const finder = fakeFinder({ find: async () => Promise.reject(new TypeError('secret detail')) });
    const reply = await (await startApi({ finder })).infer(photo(1));
    expect(reply.json()).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(reply.body).not.toContain('secret detail');
  });

  it('answers 404 NOT_FOUND for other routes and methods', async () => {
    const { app } = await startApi();
    for (const [method, url] of [
      ['GET', '/infer'],
      ['POST', '/identities/1'],
      ['GET', '/nothing'],
      ['GET', '/%zz'],
    ] as const) {
      const reply = await app.inject({ method, url });
      expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(reply.json().code).toBe(url === '/%zz' ? 'INVALID_REQUEST' : 'NOT_FOUND');
    }
  });

  it('gives every reply the request id of its problem', async () => {
    const { app } = await startApi();
    const reply = await app.inject('/identities/1');
    expect(reply.headers['x-request-id']).toBe(reply.json().request_id);
    expect((await app.inject('/healthz')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the log', () => {
  it('holds method, route, status and time of every request, and nobody’s id, name or picture', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: line => void lines.push(line) });
    const { app, generate, infer } = await startApi({ logger, card: fakeCard() });
    const id = 'ada-lovelace';
    await generate({ id, images: [{ image: base64(photo(3)) }, { image: '%%%' }] });
    await infer(photo(3));
    await infer(brokenPhoto('INTERNAL'));
    for (const url of [
      `/identities/${id}`,
      `/identities/${id}/photo`,
      '/identities/ada%20lovelace',
      '/identities/lovelace%zz',
    ])
      await app.inject(url);
    await app.inject({ method: 'DELETE', url: `/identities/${id}` });
    await app.inject({ method: 'DELETE', url: `/identities/${id}` });
    const log = lines.join('');
    expect(log).toContain('"route":"/identities/:id"');
    expect(log).not.toMatch(/lovelace|127\.0\.0\.1|%%%/);
    expect(log).not.toContain(base64(photo(3)).slice(0, 12));
    const requests = lines.map(line => JSON.parse(line)).filter(line => line.msg === 'request');
    expect(requests).toHaveLength(8);
    expect(requests[0]).toMatchObject({ method: 'POST', route: '/generate', status: 200, ms: expect.any(Number) });
    expect(requests.every(line => typeof line.reqId === 'string')).toBe(true);
  });
});
