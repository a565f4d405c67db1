import { describe, expect, it, onTestFinished } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { createHttpFaceFinder } from '../../../face_id_api/http-face-finder.ts';
import { TritonError } from '../../../triton/client/triton-error.ts';
import { createFakeFaceFinder } from '../detector/fake-face-finder.ts';
import { postForm } from '../detector/post-form.ts';
import { createLogLines } from '../log-lines.ts';
import { fakeTriton } from './fake-deps.ts';
import { startApi } from './start-api.ts';

/** What a client may send that tells who somebody is. Each is unlike anything that a program would say by itself. */
const personal = {
  id: 'quirinus.zwettler',
  numericId: 7319804625517,
  name: 'Zwettler Quirinus',
  file: 'quirinus-zwettler-passport.jpg',
  agent: 'ZwettlerBrowser/1',
  token: 'zwettler-secret-token',
  image: Buffer.from('the-pixels-of-quirinus-zwettler'.repeat(20)),
};

const base64 = personal.image.toString('base64');

/** Every way in which the above could be written down. */
const traces = [
  ...[personal.id, personal.name, personal.file, personal.agent, personal.token, String(personal.numericId)],
  ...['zwettler', 'quirinus', 'the-pixels', encodeURIComponent(personal.name)],
  ...[base64.slice(0, 24), base64.slice(40, 64), personal.image.toString('hex').slice(0, 32), '116,104,101,45,112'],
];

function expectNoTrace(what: string, text: string): void {
  const lower = text.toLowerCase();
  for (const trace of traces) {
    expect(lower.includes(trace.toLowerCase()), `${what} holds ${JSON.stringify(trace)}`).toBe(false);
  }
}

async function start(faults: { triton?: boolean } = {}) {
  const log = createLogLines();
  const detector = await buildDetectorApp({
    finder: createFakeFaceFinder(),
    config: { deadline_ms: 5000 },
    logger: log.logger,
  });
  onTestFinished(() => detector.close());
  const url = await detector.listen({ host: '127.0.0.1', port: 0 });
  const finder = createHttpFaceFinder({ url, deadlineMs: 5000, maxFaces: 10 });
  // A server may repeat what it was asked, as this one does.
  const cause = new TritonError('INTERNAL', 'the model failed');
  const client = fakeTriton(faults.triton ? { infer: () => Promise.reject(cause) } : {});
  const { app, deps } = await startApi({ finder, client, logger: log.logger });
  return { app, deps, detector, log };
}

const headers = {
  'user-agent': personal.agent,
  authorization: `Bearer ${personal.token}`,
  cookie: `session=${personal.token}`,
  'x-request-id': personal.id,
  referer: `https://example.org/${personal.id}`,
};

/** Requests that a service may get, right and wrong, all of them about one person. */
function requests() {
  const id = encodeURIComponent(personal.id);
  const images = [{ image: base64 }];
  const json = { ...headers, 'content-type': 'application/json' };
  const form = postForm([
    { name: 'name', content: Buffer.from(personal.name) },
    { name: 'image', filename: personal.file, content: personal.image },
  ]);
  const brokenForm = { ...form, payload: form.payload.subarray(0, form.payload.length - 40) };
  return [
    { method: 'POST', url: '/generate', payload: { id: personal.id, images } },
    { method: 'POST', url: '/generate', payload: { id: personal.numericId, images, name: personal.name } },
    { method: 'POST', url: '/generate', payload: { id: personal.name, images } },
    { method: 'POST', url: '/generate?faces=single', payload: { id: personal.id, images } },
    { method: 'POST', url: '/generate', payload: { id: personal.id, images: [{ image: `${base64}%` }] } },
    { method: 'POST', url: '/infer', payload: { image: base64 } },
    { method: 'POST', url: '/infer', payload: { image: { [personal.name]: base64 } } },
    { method: 'POST', url: `/infer?${id}=1&top_k=${id}&threshold=${id}`, payload: { image: base64 } },
    { method: 'POST', url: '/infer', headers: json, payload: `{"image": "${base64}" ${personal.name}` },
    { method: 'POST', url: '/infer', headers: { ...headers, 'content-type': personal.id }, payload: personal.image },
    { method: 'POST', url: '/infer', headers: { ...headers, 'content-type': 'image/png' }, payload: personal.image },
    { method: 'POST', url: '/infer', ...form, headers: { ...headers, ...form.headers } },
    { method: 'POST', url: '/infer', ...brokenForm, headers: { ...headers, ...form.headers } },
    { method: 'POST', url: '/verify', payload: { source_image: base64, target_image: base64 } },
    { method: 'POST', url: '/verify', payload: { source_image: `${base64}%`, [personal.name]: base64 } },
    { method: 'POST', url: '/embeddings', payload: { image: base64 } },
    { method: 'GET', url: `/identities/${id}` },
    { method: 'GET', url: `/identities/${encodeURIComponent(personal.name)}` },
    { method: 'GET', url: `/identities/${personal.numericId}?type=${id}` },
    { method: 'GET', url: `/identities?after=${id}` },
    { method: 'GET', url: `/${id}/%zz` },
    { method: 'PUT', url: `/${id}` },
    { method: 'DELETE', url: `/identities?confirm=${id}` },
    { method: 'DELETE', url: `/identities/${id}` },
    { method: 'DELETE', url: `/identities/${id}` },
    { method: 'POST', url: '/crop', payload: { image: base64 } },
    { method: 'POST', url: `/detect?crop=${id}`, payload: { image: base64 } },
  ] as const;
}

describe('nothing personal', () => {
  it('is in the log or the metrics of either service, whatever is asked', async () => {
    const { app, detector, log } = await start();
    let answered = 0;
    for (const request of requests()) {
      for (const service of [app, detector]) {
        const reply = await service.inject({ headers, ...request });
        answered += reply.statusCode < 300 ? 1 : 0;
      }
    }
    // The scenario does reach the inside: people are enrolled, found, shown and erased.
    expect(answered).toBeGreaterThan(5);
    expect(log.lines().length).toBeGreaterThan(40);
    expectNoTrace('the log', log.text());
    for (const service of [app, detector]) expectNoTrace('/metrics', (await service.inject('/metrics')).body);
  });

  it('is in an error, apart from what the client itself had wrong about a field’s name', async () => {
    const { app, detector } = await start();
    for (const request of requests()) {
      for (const service of [app, detector]) {
        const reply = await service.inject({ headers, ...request });
        // An unknown parameter is named to who sent it.
        if (reply.statusCode >= 400 && !request.url.includes('top_k')) expectNoTrace(request.url, reply.body);
      }
    }
  });

  it('is in the log when what lies behind fails, though the causes are', async () => {
    const { app, deps, log } = await start({ triton: true });
    await deps.store.close();
    const statuses: number[] = [];
    for (const request of requests()) statuses.push((await app.inject({ headers, ...request })).statusCode);
    expect(statuses.filter(status => status >= 500).length).toBeGreaterThan(3);
    expect(log.text()).toContain('database is not open');
    expect(log.text()).toContain('the model failed');
    expectNoTrace('the log', log.text());
  });
});
