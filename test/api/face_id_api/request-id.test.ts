import { describe, expect, it, onTestFinished } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { createHttpFaceFinder } from '../../../face_id_api/http-face-finder.ts';
import { createFakeFaceFinder } from '../detector/fake-face-finder.ts';
import { createLogLines } from '../log-lines.ts';
import { base64, fakeTriton, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The API before a detector service of its own, with what both log and what Triton is asked. */
async function startBoth() {
  const detectorLog = createLogLines();
  const detector = await buildDetectorApp({
    finder: createFakeFaceFinder(),
    config: { deadline_ms: 5000 },
    logger: detectorLog.logger,
  });
  onTestFinished(() => detector.close());
  const url = await detector.listen({ host: '127.0.0.1', port: 0 });
  const apiLog = createLogLines();
  const client = fakeTriton();
  const finder = createHttpFaceFinder({ url, deadlineMs: 5000, maxFaces: 10 });
  const api = await startApi({ finder, client, logger: apiLog.logger });
  return { ...api, detector, detectorLog, apiLog, client };
}

const idsOf = (log: ReturnType<typeof createLogLines>): unknown[] =>
  log
    .lines()
    .filter(({ msg }) => msg === 'request')
    .map(({ reqId }) => reqId);

describe('the id of a request', () => {
  it('is the same in the log of the API, in that of the detector and at Triton', async () => {
    const { infer, generate, detectorLog, apiLog, client } = await startBoth();
    const replies = [await infer(photo(1)), await generate({ id: 1, images: [{ image: base64(photo(1)) }] })];
    const ids = replies.map(reply => reply.headers['x-request-id']);
    expect(replies.map(reply => reply.statusCode)).toEqual([200, 200]);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(uuid);
    expect(idsOf(apiLog)).toEqual(ids);
    expect(idsOf(detectorLog)).toEqual(ids);
    expect(client.calls.map(call => call.id)).toEqual(ids);
  });

  it('stays with its request when many are under way, whatever form their images come in', async () => {
    const { app, detectorLog, client } = await startBoth();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const form = (): FormData => {
      const body = new FormData();
      body.append('image', new Blob([new Uint8Array(50_000)]));
      return body;
    };
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const body = i % 2 === 0 ? form() : new Uint8Array(70_000);
        const headers: Record<string, string> = i % 2 === 0 ? {} : { 'content-type': 'image/jpeg' };
        const reply = await fetch(`${url}/infer`, { method: 'POST', body, headers });
        expect(reply.status).toBe(200);
        await reply.arrayBuffer();
        return reply.headers.get('x-request-id');
      }),
    );
    expect(idsOf(detectorLog).sort()).toEqual([...ids].sort());
    expect(client.calls.map(call => call.id).sort()).toEqual([...ids].sort());
  });

  it('is never what a client of the API says', async () => {
    const { app } = await startBoth();
    const given = '6f1c7f7e-8a53-4d0b-9a57-0f6f3a0f3b11';
    const reply = await app.inject({ url: '/healthz', headers: { 'x-request-id': given } });
    expect(reply.headers['x-request-id']).not.toBe(given);
  });

  it.each([
    ['6f1c7f7e-8a53-4d0b-9a57-0f6f3a0f3b11', true],
    ['anna@example.org', false],
    ['6F1C7F7E-8A53-4D0B-9A57-0F6F3A0F3B11', false],
    ['', false],
  ])('%j is taken over by the detector: %s', async (given, taken) => {
    const { detector, detectorLog } = await startBoth();
    const reply = await detector.inject({ url: '/healthz', headers: { 'x-request-id': given } });
    expect(reply.headers['x-request-id'] === given.trim()).toBe(taken);
    expect(reply.headers['x-request-id']).toMatch(uuid);
    expect(idsOf(detectorLog)).toEqual([reply.headers['x-request-id']]);
  });
});
