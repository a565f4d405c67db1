import { describe, expect, it } from 'vitest';
import { inferReplySchema } from '../../../face_id_api/routes/infer.ts';
import { base64, fakeCard, fakeTriton, noisyPhoto, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

describe('POST /infer', () => {
  it('answers with the whole documented reply', async () => {
    const { infer, enrol } = await startApi();
    await enrol(2576, 3);
    const reply = await infer(photo(3));
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      faces: [
        {
          id: 2576,
          decision: 'match',
          score: 1,
          confidence: 0.997527,
          bounding_box: [10.12, 20, 110.5, 150.25],
          detection_confidence: 0.999123,
          landmarks: [
            [40, 60],
            [80, 60],
            [60, 80.13],
            [45, 110],
            [75, 110],
          ],
        },
      ],
      rule: {
        threshold: 0.8,
        fmr: 0.001,
        margin: 0.054931,
        by: 'template',
        comparisons: 1,
        expected_fpir: 0.001,
      },
      model: { name: 'fake_embedder', version: '1', fingerprint: 'fp-fake' },
      detector: 'mtcnn',
      image: { width: 640, height: 480 },
    });
  });

  it('says ambiguous where two identities are too near to each other, and names both', async () => {
    const { infer, enrol } = await startApi();
    await enrol('a', 3);
    await enrol('b', 3);
    const [face] = (await infer(photo(3))).json().faces;
    expect(face).toMatchObject({ id: null, decision: 'ambiguous', score: 1 });
    expect(face.candidates.map((c: { id: string }) => c.id)).toEqual(['a', 'b']);
    expect((await infer(photo(3), '?top_k=1')).json().faces[0].candidates).toHaveLength(2);
  });

  it('expects more false alarms of a larger gallery, and counts people or templates', async () => {
    const { infer, enrol } = await startApi();
    const ruleFor = async (query: string) => (await infer(photo(3), query)).json().rule;
    expect(await ruleFor('')).toMatchObject({ comparisons: 0, expected_fpir: 0 });
    await enrol('a', 1, 2);
    await enrol('b', 4);
    expect(await ruleFor('')).toMatchObject({ comparisons: 3, expected_fpir: 0.002997 });
    expect(await ruleFor('?by=person')).toMatchObject({ by: 'person', comparisons: 2, expected_fpir: 0.001999 });
    expect(await ruleFor('?threshold=0.1')).toMatchObject({ threshold: 0.1, fmr: null, expected_fpir: null });
  });

  it('compares with one vector per person when asked to', async () => {
    const { infer, enrol } = await startApi();
    await enrol('a', 1, 2);
    const scoreBy = async (by: string) => (await infer(photo(1), `?by=${by}`)).json().faces[0].score;
    expect(await scoreBy('template')).toBe(1);
    expect(await scoreBy('person')).toBeCloseTo(Math.SQRT1_2, 5);
  });

  it('keeps the type of an id', async () => {
    const { infer, enrol } = await startApi();
    await enrol(7, 1);
    await enrol('7', 2);
    const reply = await infer(photo(1, 2));
    expect(reply.json().faces.map((face: { id: unknown }) => face.id)).toEqual([7, '7']);
  });

  it('says unknown below the threshold, with the score and confidence of the nearest', async () => {
    const { infer, enrol } = await startApi();
    await enrol('ada', 3);
    const [face] = (await infer(noisyPhoto(3, 128))).json().faces;
    expect(face).toMatchObject({ id: null, decision: 'unknown' });
    expect(face.score).toBeCloseTo(0.7049, 3);
    expect(face.confidence).toBeCloseTo(1 / (1 + Math.exp(-(20 * face.score - 14))), 4);
  });

  it('says unknown with null score and confidence in an empty gallery', async () => {
    const { infer } = await startApi();
    const [face] = (await infer(photo(3), '?top_k=3')).json().faces;
    expect(face).toMatchObject({ id: null, decision: 'unknown', score: null, confidence: null, candidates: [] });
  });

  it('answers 200 with no faces for a photo without any', async () => {
    const { infer } = await startApi();
    const reply = await infer(photo());
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toMatchObject({ faces: [], model: { version: '1' }, image: { width: 640 } });
  });

  it('lists top_k candidates, best first and below the threshold too', async () => {
    const { infer, enrol } = await startApi();
    await enrol('a', 3);
    await enrol('b', 4);
    await enrol('c', 5);
    const [face] = (await infer(noisyPhoto(3, 100), '?top_k=2')).json().faces;
    expect(face.candidates.map((c: { id: string }) => c.id)).toEqual(['a', 'b']);
    expect(face.candidates[0].score).toBeGreaterThan(face.candidates[1].score);
    expect(face.candidates[1].confidence).toBeLessThan(0.5);
    expect(Object.keys((await infer(photo(3))).json().faces[0])).not.toContain('candidates');
  });

  it('takes a threshold or one of the measured rates in place of the configured rule', async () => {
    const { infer, enrol } = await startApi();
    await enrol('a', 3);
    const decisionAt = async (query: string) => (await infer(noisyPhoto(3, 128), query)).json().faces[0].decision;
    expect(await decisionAt('')).toBe('unknown');
    expect(await decisionAt('?threshold=0.7')).toBe('match');
    expect(await decisionAt('?fmr=0.01')).toBe('match');
    expect(await decisionAt('?fmr=0.001')).toBe('unknown');
  });

  it.each([
    ['?threshold=0.5&fmr=0.01', /query\.fmr: expected threshold or fmr, got both/],
    ['?fmr=0.05', /query\.fmr: expected one of 0\.01, 0\.001, got 0\.05/],
    ['?fmr=0.0001', /query\.fmr: expected one of 0\.01, 0\.001/],
    ['?threshold=', /query\.threshold/],
    ['?threshold=2', /query\.threshold/],
    ['?top_k=0', /query\.top_k/],
    ['?top_k=1.5', /query\.top_k/],
    ['?treshold=0.5', /treshold/],
  ])('refuses %s', async (query, message) => {
    const { infer } = await startApi();
    const reply = await infer(photo(1), query);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ code: 'INVALID_REQUEST', issues: [{}] });
    expect(reply.json().detail).toMatch(message);
  });

  it('works without a calibration when a threshold is configured: no confidence, no fmr', async () => {
    const { infer, enrol } = await startApi({ card: fakeCard({ calibration: [] }), threshold: 0.5 });
    await enrol('a', 3);
    const [face] = (await infer(photo(3))).json().faces;
    expect(face).toMatchObject({ id: 'a', decision: 'match', score: 1, confidence: null });
    expect((await infer(photo(3), '?fmr=0.01')).json().detail).toMatch(/threshold in its place/);
  });

  it('takes JSON with a data: URL, raw bytes and multipart alike', async () => {
    const { app, infer, enrol } = await startApi();
    await enrol('a', 3);
    const expected = (await infer(photo(3))).json();
    const image = `data:image/jpeg;base64,${base64(photo(3))}`;
    const dataUrl = await app.inject({ method: 'POST', url: '/infer', payload: { image } });
    expect(dataUrl.json()).toEqual(expected);
    const headers = { 'content-type': 'image/jpeg' };
    expect((await app.inject({ method: 'POST', url: '/infer', headers, payload: photo(3) })).json()).toEqual(expected);
    const form = new FormData();
    form.set('image', new Blob([new Uint8Array(photo(3))]), 'ada.jpg');
    const request = new Request('http://x/', { method: 'POST', body: form });
    const multipart = await app.inject({
      method: 'POST',
      url: '/infer',
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      payload: Buffer.from(await request.arrayBuffer()),
    });
    expect(multipart.json()).toEqual(expected);
  });

  it('answers a crowd of 500 in calls of the model’s batch size', async () => {
    const client = fakeTriton();
    const { infer, enrol } = await startApi({ client });
    await enrol('a', 0);
    const reply = await infer(photo(...Array.from({ length: 500 }, (_, i) => i % 8)));
    const { faces } = reply.json();
    expect(faces).toHaveLength(500);
    expect(faces.filter((face: { id: unknown }) => face.id === 'a')).toHaveLength(63);
    expect(client.calls).toHaveLength(125);
    expect(Math.max(...client.calls.map(call => call.inputs[0]!.shape[0]!))).toBe(4);
  });

  it('documents three decisions', () => {
    expect(inferReplySchema.shape.faces.element.shape.decision.options).toEqual(['match', 'unknown', 'ambiguous']);
  });
});
