import { describe, expect, it } from 'vitest';
import { qualityConfig } from '../../../face_id_api/config.ts';
import { readMetric } from '../read-metric.ts';
import { base64, type FakeOptions, finePhoto, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

type Gate = ReturnType<typeof qualityConfig.parse>['gate'];

const images = (...photos: Buffer[]) => photos.map(one => ({ image: base64(one) }));
const startWith = (gate: Gate, options: FakeOptions = {}) =>
  startApi({ quality: qualityConfig.parse({ gate }), ...options });

/** A face of the fake finder is black where it is not fine. */
const dark = {
  code: 'LOW_BRIGHTNESS',
  reasons: ['LOW_BRIGHTNESS', 'LOW_SHARPNESS', 'LOW_FACE_QUALITY'],
  reason: expect.stringMatching(/^brightness: expected at least 0\.\d+, got 0\.00; sharpness: .+; score: .+/),
};
const twoPhotos = { id: 'ada', images: images(finePhoto(1), photo(1)) };

describe('the enrolment gate', () => {
  it('warns by default, and enrols all the same', async () => {
    expect(qualityConfig.parse({}).gate).toBe('warn');
    const { generate } = await startWith('warn');
    expect((await generate(twoPhotos)).json()).toEqual({
      id: 'ada',
      enrolled: 2,
      templates: 2,
      refused: [],
      warnings: [{ index: 1, ...dark }],
      Response: 'OK',
    });
  });

  it('leaves out what it refuses, with one code and every reason', async () => {
    const { generate } = await startWith('refuse');
    expect((await generate(twoPhotos)).json()).toMatchObject({
      enrolled: 1,
      templates: 1,
      refused: [{ index: 1, ...dark }],
      warnings: [],
    });
  });

  it('changes nothing where it refuses every image, and says why', async () => {
    const { generate, app } = await startWith('refuse');
    await generate({ id: 'ada', images: images(finePhoto(1)) });
    const reply = await generate({ id: 'ada', images: images(photo(1), photo(2)) }, '?quality=true');
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({
      code: 'NO_FACE_ENROLLED',
      refused: [
        { index: 0, ...dark },
        { index: 1, ...dark },
      ],
      quality: [
        { index: 0, brightness: 0 },
        { index: 1, brightness: 0 },
      ],
    });
    expect((await app.inject('/identities/ada')).json()).toMatchObject({ templates: 1 });
  });

  it.each([
    ['off', '', 0, 0],
    ['off', 'warn', 0, 1],
    ['off', 'refuse', 1, 0],
    ['warn', 'off', 0, 1],
    ['warn', 'refuse', 1, 0],
    ['refuse', 'off', 1, 0],
    ['refuse', 'warn', 1, 0],
  ] as const)(
    'configured %s and asked for "%s" refuses %i and warns of %i',
    async (configured, asked, refused, warned) => {
      const { generate } = await startWith(configured);
      const reply = (await generate(twoPhotos, asked === '' ? '' : `?gate=${asked}`)).json();
      expect([reply.refused.length, reply.warnings.length]).toEqual([refused, warned]);
    },
  );

  it('says what it measured on request, of whatever has a face', async () => {
    const { generate } = await startWith('off');
    const asked = { id: 1, images: images(finePhoto(1), photo(), photo(1), finePhoto(1, 2)) };
    const reply = (await generate(asked, '?quality=true&faces=single')).json();
    expect(reply).toMatchObject({ enrolled: 2, warnings: [] });
    expect(reply.refused).toMatchObject([
      { index: 1, code: 'NO_FACE' },
      { index: 3, code: 'SEVERAL_FACES', reasons: ['EXCEEDS_MAX_FACES'] },
    ]);
    expect(reply.refused[0]).not.toHaveProperty('reasons');
    expect(reply.quality).toMatchObject([
      { index: 0, reasons: [], box_side: 100.4, confidence: 0.999123 },
      { index: 2, reasons: dark.reasons, brightness: 0, sharpness: 0 },
      { index: 3, reasons: [] },
    ]);
    expect((await generate(asked)).json()).not.toHaveProperty('quality');
  });

  it('goes by the configured thresholds', async () => {
    const thresholds = { sharpness: 0, brightness: 0, score: 0, box_side: 200 };
    const { generate } = await startApi({ quality: qualityConfig.parse({ gate: 'refuse', thresholds }) });
    expect((await generate(twoPhotos)).json()).toMatchObject({
      refused: [
        { index: 0, code: 'SMALL_BOUNDING_BOX', reasons: ['SMALL_BOUNDING_BOX'] },
        { index: 1, code: 'SMALL_BOUNDING_BOX', reasons: ['SMALL_BOUNDING_BOX'] },
      ],
    });
  });

  const crowd = (fine: boolean) => {
    const who = Array.from({ length: 30 }, (_, i) => i);
    return { id: 'ada', images: images(fine ? finePhoto(...who) : photo(...who)) };
  };
  const crowded = {
    code: 'EXCEEDS_MAX_FACES',
    reasons: ['EXCEEDS_MAX_FACES'],
    reason: 'faces: expected at most 1, got 30, of which the largest counts',
  };

  it('warns of a photo of several faces by default, and enrols the largest', async () => {
    const { generate, infer } = await startWith('warn');
    expect((await generate(crowd(true))).json()).toMatchObject({
      enrolled: 1,
      templates: 1,
      refused: [],
      warnings: [{ index: 0, ...crowded }],
    });
    expect((await infer(photo(0))).json().faces[0]).toMatchObject({ id: 'ada', decision: 'match' });
  });

  it('refuses a photo of several faces, and says what is measured on the largest alone', async () => {
    const { generate, app } = await startWith('warn');
    const reply = await generate(crowd(true), '?gate=refuse&quality=true');
    expect(reply.json()).toMatchObject({
      status: 422,
      code: 'NO_FACE_ENROLLED',
      refused: [{ index: 0, ...crowded }],
      quality: [{ index: 0, reasons: [] }],
    });
    expect((await app.inject('/identities/ada')).statusCode).toBe(404);
  });

  it('names too many faces before what is wrong with the largest', async () => {
    const { generate } = await startWith('refuse');
    expect((await generate(crowd(false))).json().refused).toEqual([
      {
        index: 0,
        code: 'EXCEEDS_MAX_FACES',
        reasons: ['EXCEEDS_MAX_FACES', ...dark.reasons],
        reason: expect.stringMatching(/^faces: expected at most 1, got 30, .+; brightness: .+; sharpness: /),
      },
    ]);
  });

  it.each([
    ['off', 1],
    ['refuse', null],
    ['refuse', 30],
  ] as const)('does not mind thirty faces with gate %s and max_faces %o', async (gate, max_faces) => {
    const { generate } = await startApi({ quality: qualityConfig.parse({ gate, thresholds: { max_faces } }) });
    expect((await generate(crowd(true))).json()).toMatchObject({ enrolled: 1, refused: [], warnings: [] });
    expect((await generate(crowd(true), '?faces=single')).json().refused).toEqual([
      { index: 0, code: 'SEVERAL_FACES', reason: 'Expected one face, found 30', reasons: ['EXCEEDS_MAX_FACES'] },
    ]);
  });

  it.each([0, 1.5, -1, 'many'])('is not configured with max_faces %o', max_faces => {
    expect(qualityConfig.safeParse({ thresholds: { max_faces } }).success).toBe(false);
  });

  it('counts refusals by code and faults by reason, and nobody', async () => {
    const { generate, app } = await startWith('warn');
    await generate(twoPhotos);
    await generate({ id: 'ada', images: images(photo(1), photo(1, 2), photo()) }, '?gate=refuse&faces=single');
    const shown = (await app.inject('/metrics')).body;
    const refusals = (code: string) => readMetric(shown, `face_id_enrolment_refusals_total{code="${code}"}`);
    expect(['LOW_BRIGHTNESS', 'SEVERAL_FACES', 'NO_FACE', 'UNREADABLE'].map(refusals)).toEqual([1, 1, 1, 0]);
    const faults = (reason: string, outcome: string) =>
      readMetric(shown, `face_id_enrolment_faults_total{reason="${reason}",outcome="${outcome}"}`);
    expect(faults('LOW_SHARPNESS', 'warned')).toBe(1);
    expect(faults('LOW_SHARPNESS', 'refused')).toBe(1);
    expect(faults('EXCEEDS_MAX_FACES', 'refused')).toBe(1);
    await generate(crowd(true));
    await generate(crowd(true), '?gate=refuse');
    const then = (await app.inject('/metrics')).body;
    expect(readMetric(then, 'face_id_enrolment_refusals_total{code="EXCEEDS_MAX_FACES"}')).toBe(1);
    for (const [outcome, count] of [
      ['warned', 1],
      ['refused', 2],
    ] as const) {
      const name = `face_id_enrolment_faults_total{reason="EXCEEDS_MAX_FACES",outcome="${outcome}"}`;
      expect(readMetric(then, name)).toBe(count);
    }
    expect(shown).not.toContain('ada');
  });

  it.each(['?gate=strict', '?gate=', '?quality=1'])('refuses the query %s', async query => {
    const { generate } = await startWith('warn');
    expect((await generate(twoPhotos, query)).json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });
});

describe('quality=true', () => {
  const good = { reasons: [], brightness: expect.closeTo(0.49, 1), box_side: 100.4, confidence: 0.999123 };

  it('adds to /infer what was measured on each face, beside whatever else was asked for', async () => {
    const { infer, enrol } = await startWith('off');
    await enrol('ada', 1);
    const { faces } = (await infer(finePhoto(1, 2), '?quality=true&top_k=1&embeddings=true')).json();
    expect(faces).toMatchObject([
      { id: 'ada', decision: 'match', quality: good, candidates: [{ id: 'ada' }] },
      { decision: 'unknown', quality: good },
    ]);
    expect(Object.keys(faces[0].quality).sort()).toEqual(
      'box_side brightness confidence contrast noise pitch reasons roll score sharpness yaw'.split(' '),
    );
    expect((await infer(photo(1), '?quality=true')).json().faces[0].quality.reasons).toEqual(dark.reasons);
    for (const query of ['', '?quality=false']) {
      expect((await infer(finePhoto(1), query)).json().faces[0]).not.toHaveProperty('quality');
    }
  });

  it('is answered for a crowd, face by face', async () => {
    const { infer } = await startWith('off');
    const crowd = Array.from({ length: 40 }, (_, i) => i);
    const { faces } = (await infer(finePhoto(...crowd), '?quality=true')).json();
    expect(faces).toHaveLength(40);
    for (const face of faces) expect(face.quality).toMatchObject(good);
  });

  it('is for faces, not for the arrays of older clients', async () => {
    const { infer } = await startWith('off');
    const reply = await infer(finePhoto(1), '?quality=true&format=arrays');
    expect(reply.json()).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'query.format' }] });
  });

  it('adds to /embeddings and /verify as well', async () => {
    const { app } = await startWith('off');
    const embeddings = await app.inject({
      method: 'POST',
      url: '/embeddings?quality=true',
      payload: { image: base64(finePhoto(1)) },
    });
    expect(embeddings.json().faces).toMatchObject([{ quality: good }]);
    const payload = { source_image: base64(finePhoto(1)), target_image: base64(photo(1)) };
    const verified = (await app.inject({ method: 'POST', url: '/verify?quality=true', payload })).json();
    expect(verified).toMatchObject({
      decision: 'match',
      source_face: { quality: good },
      target_face: { quality: { reasons: dark.reasons } },
    });
    const plain = (await app.inject({ method: 'POST', url: '/verify', payload })).json();
    expect(plain.source_face).not.toHaveProperty('quality');
  });
});
