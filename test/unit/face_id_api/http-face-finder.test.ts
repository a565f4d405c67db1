import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FoundFaces } from '../../../detector/face-finder.ts';
import { encodeBinaryDetectReply, headerLengthName } from '../../../detector/http/detect-reply.ts';
import { createHttpFaceFinder } from '../../../face_id_api/http-face-finder.ts';

const signal = new AbortController().signal;
const side = 112;
const found: FoundFaces = {
  image: { width: 640, height: 480 },
  detector: 'mtcnn',
  faces: [
    {
      box: [10, 20, 110, 150],
      confidence: 0.99,
      landmarks: [
        [40, 60],
        [80, 60],
        [60, 80],
        [45, 110],
        [75, 110],
      ],
    },
  ],
  crops: Uint8Array.from({ length: 3 * side * side }, (_, i) => i % 251),
};

/** A finder over a server on loopback that answers with `handler`. */
async function finderOver(
  handler: RequestListener,
  change: { deadlineMs?: number; path?: string; maxFaces?: number } = {},
) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { deadlineMs = 5000, path = '', maxFaces = 10 } = change;
  return createHttpFaceFinder({ url: `http://127.0.0.1:${port}${path}`, deadlineMs, maxFaces });
}

const problem =
  (status: number, body: object | string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

describe('createHttpFaceFinder', () => {
  it('posts the bytes as they are and reads faces and crops', async () => {
    const seen: { url?: string | undefined; accept?: string | undefined; body: Buffer } = { body: Buffer.alloc(0) };
    const finder = await finderOver(
      async (request, response) => {
        seen.url = request.url;
        seen.accept = request.headers.accept;
        for await (const chunk of request) seen.body = Buffer.concat([seen.body, chunk]);
        const { headerLength, body } = encodeBinaryDetectReply(found, side);
        response.setHeader(headerLengthName, headerLength);
        response.end(body);
      },
      { path: '/faces' },
    );
    const result = await finder.find(Uint8Array.of(1, 2, 3), { crop: 'arcface_112' }, { signal });
    expect(result).toMatchObject({ image: found.image, detector: 'mtcnn', faces: found.faces });
    expect(Buffer.from(result.crops ?? []).equals(Buffer.from(found.crops ?? []))).toBe(true);
    expect(seen).toEqual({
      url: '/faces/detect?crop=arcface_112',
      accept: 'application/octet-stream',
      body: Buffer.from([1, 2, 3]),
    });
  });

  it('passes the search of a request on, and believes as many faces as it asked for', async () => {
    const urls: (string | undefined)[] = [];
    const finder = await finderOver(
      (request, response) => {
        urls.push(request.url);
        const { headerLength, body } = encodeBinaryDetectReply(
          { ...found, faces: [...found.faces, ...found.faces], crops: null },
          null,
        );
        response.setHeader(headerLengthName, headerLength);
        response.end(body);
      },
      { maxFaces: 1 },
    );
    const more = { crop: null, maxSide: 0, minFaceSize: 20, maxFaces: 2 };
    expect((await finder.find(new Uint8Array(1), more, { signal })).faces).toHaveLength(2);
    expect(urls).toEqual(['/detect?max_side=0&min_face_size=20&max_faces=2']);
    const fewer = { crop: null, maxFaces: 1 };
    await expect(finder.find(new Uint8Array(1), fewer, { signal })).rejects.toThrow(/at most 1 faces, got 2/);
  });

  it.each([
    ['UNREADABLE', 422],
    ['UNSUPPORTED_IMAGE', 415],
    ['TOO_MANY_PIXELS', 413],
  ])('passes on %s with its detail', async (code, status) => {
    const finder = await finderOver(problem(status, { code, detail: 'the JPEG ends early' }));
    const failure = finder.find(new Uint8Array(1), { crop: null }, { signal });
    await expect(failure).rejects.toMatchObject({ code, message: 'the JPEG ends early' });
  });

  it('passes on that the detector is busy, with its Retry-After', async () => {
    const finder = await finderOver(problem(503, { code: 'OVERLOADED' }, { 'retry-after': '3' }));
    const failure = finder.find(new Uint8Array(1), { crop: null }, { signal });
    await expect(failure).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 3 });
  });

  it.each<[string, RequestListener, string]>([
    ['a 500', problem(500, { code: 'INTERNAL' }), 'DEPENDENCY_DOWN'],
    ['its own 503', problem(503, { code: 'DEPENDENCY_DOWN' }), 'DEPENDENCY_DOWN'],
    ['its own 504', problem(504, { code: 'DEADLINE' }), 'DEADLINE'],
    ['a code of ours that is not about an image', problem(404, { code: 'UNKNOWN_ID' }), 'DEPENDENCY_DOWN'],
    ['a crop that it does not know', problem(400, { code: 'INVALID_REQUEST' }), 'DEPENDENCY_DOWN'],
    ['a code with another status', problem(500, { code: 'UNREADABLE' }), 'DEPENDENCY_DOWN'],
    ['a page that is no problem document', problem(502, '<html>Bad Gateway</html>'), 'DEPENDENCY_DOWN'],
    ['200 with nonsense', problem(200, 'nonsense', { [headerLengthName]: '8' }), 'DEPENDENCY_DOWN'],
    ['a redirect', problem(302, '', { location: 'http://127.0.0.1:1/' }), 'DEPENDENCY_DOWN'],
    ['a connection cut off', (_, response) => response.destroy(), 'DEPENDENCY_DOWN'],
    [
      'a reply cut off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('x', () => response.destroy());
      },
      'DEPENDENCY_DOWN',
    ],
  ])('answers for %s', async (_, handler, code) => {
    const finder = await finderOver(handler);
    await expect(finder.find(new Uint8Array(1), { crop: null }, { signal })).rejects.toMatchObject({ code });
  });

  it('gives up on a reply that is longer than any can be, without reading it all', async () => {
    let sent = 0;
    const finder = await finderOver((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024;
        sent += 64 * 1024;
      };
      response.on('drain', more);
      more();
    });
    const failure = finder.find(new Uint8Array(1), { crop: null }, { signal });
    await expect(failure).rejects.toThrow(/expected at most \d+ bytes, got more/);
    expect(sent).toBeLessThan(50_000_000);
  });

  it('says DEPENDENCY_DOWN with a time to retry when nobody listens', async () => {
    const finder = createHttpFaceFinder({ url: 'http://127.0.0.1:1', deadlineMs: 5000, maxFaces: 1 });
    const failure = finder.find(new Uint8Array(1), { crop: null }, { signal });
    await expect(failure).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN', retryAfterSeconds: 5 });
    expect(await finder.ready()).toEqual({ ok: false, reason: 'the detector does not answer' });
  });

  it('says DEADLINE when the detector is slow, and the caller’s reason when the caller leaves', async () => {
    const slow = await finderOver(() => {}, { deadlineMs: 30 });
    await expect(slow.find(new Uint8Array(1), { crop: null }, { signal })).rejects.toMatchObject({ code: 'DEADLINE' });
    const stuck = await finderOver(() => {});
    const leaving = new AbortController();
    const failure = stuck.find(new Uint8Array(1), { crop: null }, { signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(failure).rejects.toThrow('left');
  });

  it.each<[string, RequestListener, object]>([
    ['ready', problem(200, { status: 'ready', detector: 'mtcnn' }), { ok: true, detector: 'mtcnn' }],
    [
      'not ready',
      problem(503, { code: 'DEPENDENCY_DOWN', detail: 'no weights' }),
      { ok: false, reason: 'the detector is not ready: no weights' },
    ],
    ['something else', problem(200, 'hello'), { ok: false, reason: 'the detector is not ready: it answers 200' }],
  ])('reads that the detector is %s', async (_, handler, expected) => {
    expect(await (await finderOver(handler)).ready()).toEqual(expected);
  });
});
