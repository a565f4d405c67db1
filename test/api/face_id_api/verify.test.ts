import { describe, expect, it } from 'vitest';
import { base64, brokenPhoto, fakeFinder, fakeTriton, noisyPhoto, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const place = {
  bounding_box: [10.12, 20, 110.5, 150.25],
  detection_confidence: 0.999123,
  landmarks: [
    [40, 60],
    [80, 60],
    [60, 80.13],
    [45, 110],
    [75, 110],
  ],
};

async function start(...options: Parameters<typeof startApi>) {
  const { app } = await startApi(...options);
  const post = async (payload: object, query = '') => app.inject({ method: 'POST', url: `/verify${query}`, payload });
  return {
    post,
    verify: (source: Buffer, target: Buffer, query = '') =>
      post({ source_image: base64(source), target_image: base64(target) }, query),
  };
}

describe('POST /verify', () => {
  it('answers with the whole documented reply', async () => {
    const { verify } = await start();
    const reply = await verify(photo(3), photo(3));
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      decision: 'match',
      score: 1,
      confidence: 0.997527,
      source_face: place,
      target_face: place,
      rule: { threshold: 0.8, fmr: 0.001 },
      model: { name: 'fake_embedder', version: '1', fingerprint: 'fp-fake' },
      detector: 'mtcnn',
    });
  });

  it('says unknown below the threshold, with score and confidence, and takes another rule', async () => {
    const { verify } = await start();
    const decisionAt = async (query: string) => (await verify(photo(3), noisyPhoto(3, 128), query)).json();
    const { decision, score, confidence } = await decisionAt('');
    expect([decision, score]).toEqual(['unknown', expect.closeTo(0.7049, 3)]);
    expect(confidence).toBeCloseTo(1 / (1 + Math.exp(-(20 * score - 14))), 4);
    expect((await decisionAt('?threshold=0.7')).decision).toBe('match');
    expect((await decisionAt('?fmr=0.01')).decision).toBe('match');
    expect((await decisionAt('?fmr=0.05')).code).toBe('INVALID_REQUEST');
    expect((await decisionAt('?fmr=0.01&threshold=0.7')).code).toBe('INVALID_REQUEST');
  });

  it('asks for the largest face of each photo only, and embeds no other', async () => {
    const client = fakeTriton();
    const plain = fakeFinder();
    const asked: (number | undefined)[] = [];
    const finder = fakeFinder({
      find: (image, request, options) => {
        asked.push(request.maxFaces);
        return plain.find(image, request, options);
      },
    });
    const { verify } = await start({ client, finder });
    await verify(photo(3), photo(4));
    expect(asked).toEqual([1, 1]);
    expect(client.calls).toHaveLength(2);
  });

  it.each([
    ['source_image', photo(), photo(1)],
    ['target_image', photo(1), photo()],
  ])('answers 422 NO_FACE naming %s', async (name, source, target) => {
    const { verify } = await start();
    const reply = await verify(source, target);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(reply.json()).toMatchObject({
      status: 422,
      code: 'NO_FACE',
      issues: [{ path: `body.${name}`, message: 'no face was found' }],
    });
  });

  it('names both photos when neither holds a face', async () => {
    const { verify } = await start();
    const { issues } = (await verify(photo(), photo())).json();
    expect(issues.map((issue: { path: string }) => issue.path)).toEqual(['body.source_image', 'body.target_image']);
  });

  it('names the photo that cannot be read', async () => {
    const { verify, post } = await start();
    const broken = (await verify(photo(1), brokenPhoto('UNREADABLE'))).json();
    expect(broken).toMatchObject({
      status: 422,
      code: 'UNREADABLE',
      detail: expect.stringMatching(/^body\.target_im/),
    });
    const noBase64 = (await post({ source_image: '%%%', target_image: base64(photo(1)) })).json();
    expect(noBase64).toMatchObject({ code: 'INVALID_BASE64', detail: expect.stringMatching(/^body\.source_image: /) });
    const missing = (await post({ source_image: base64(photo(1)) })).json();
    expect(missing).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'body.target_image' }] });
  });

  it('bounds each photo by itself', async () => {
    const { verify } = await start({ limits: { maxImageBytes: 1000 } });
    expect((await verify(Buffer.alloc(1001), photo(1))).json()).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  });

  it('keeps what is not the photo’s fault as it is', async () => {
    const { verify } = await start();
    expect((await verify(brokenPhoto('DEPENDENCY_DOWN'), photo(1))).json()).toMatchObject({
      status: 503,
      code: 'DEPENDENCY_DOWN',
      detail: 'the fake photo asks for DEPENDENCY_DOWN',
    });
  });
});
