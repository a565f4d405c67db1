import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readMetric } from '../read-metric.ts';
import { base64, noisyPhoto, photo, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

async function start() {
  const api = await startApi();
  const { app, deps } = api;
  const call = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, ...(payload && { payload }) });
  const reject = async (id: string, image: Buffer, query = '') =>
    call('POST', `/identities/${id}/rejections${query}`, { image: base64(image) });
  const who = async (image: Buffer, query = '') => (await api.infer(image, query)).json().faces[0];
  /** A template that is turned from the axis of `who`. */
  const enrolTurned = (id: string, who: number, noise: number) =>
    deps.store.gallery('default').put({
      id,
      mode: 'append',
      templates: [{ vector: vectorOf(who, noise), sourceSha256: `${noise}`, detector: 'mtcnn' }],
    });
  return { ...api, call, reject, who, enrolTurned };
}

describe('POST /identities/:id/rejections', () => {
  it('keeps the next such face from matching, and leaves the person’s own photos alone', async () => {
    const { enrol, reject, who } = await start();
    await enrol('ada', 3);
    expect(await who(noisyPhoto(3, 85))).toMatchObject({ id: 'ada', decision: 'match' });
    const reply = await reject('ada', noisyPhoto(3, 80));
    expect(reply.statusCode).toBe(200);
    const { added } = reply.json();
    const { id, created } = added[0];
    const of = { detector: 'mtcnn', source_sha256: sha256(noisyPhoto(3, 80)), fingerprint: 'fp-fake' };
    expect(added).toEqual([{ id, created, ...of }]);
    expect(await who(noisyPhoto(3, 85))).toMatchObject({ id: null, decision: 'unknown', rejected: 1, score: null });
    const own = await who(noisyPhoto(3, 10));
    expect(own).toMatchObject({ id: 'ada', decision: 'match' });
    expect(own).not.toHaveProperty('rejected');
    expect(await who(noisyPhoto(3, 85), '?by=person')).toMatchObject({ decision: 'unknown', rejected: 1 });
  });

  it('lets the next identity count, and shows the one that was passed over with its reason', async () => {
    const { enrol, enrolTurned, reject, who } = await start();
    await enrol('ada', 3);
    await enrolTurned('bob', 3, 170);
    const face = noisyPhoto(3, 71);
    expect(await who(face)).toMatchObject({ id: 'ada', decision: 'match' });
    await reject('ada', noisyPhoto(3, 76));
    const found = await who(face, '?top_k=1');
    expect(found).toMatchObject({ id: 'bob', decision: 'match', rejected: 1 });
    expect(found.candidates.map((candidate: { id: string }) => candidate.id)).toEqual(['ada', 'bob']);
    const [ada, bob] = found.candidates;
    expect(ada.rejection).toBeGreaterThan(ada.score);
    expect(bob).not.toHaveProperty('rejection');
  });

  it('finds somebody behind any number of identities that are passed over', async () => {
    const { enrolTurned, reject, who } = await start();
    const twins = Array.from({ length: 12 }, (_, i) => `twin.${i}`);
    for (const [i, id] of twins.entries()) await enrolTurned(id, 3, i);
    await enrolTurned('bob', 3, 170);
    for (const id of twins) await reject(id, noisyPhoto(3, 80));
    expect(await who(noisyPhoto(3, 82))).toMatchObject({ id: 'bob', decision: 'match', rejected: 12 });
  });

  it('counts for older clients too', async () => {
    const { enrol, enrolTurned, reject, infer } = await start();
    await enrol('ada', 3);
    await enrolTurned('bob', 3, 170);
    const nearest = async () => (await infer(noisyPhoto(3, 71), '?format=arrays')).json().cos_id;
    expect(await nearest()).toEqual(['ada']);
    await reject('ada', noisyPhoto(3, 76));
    expect(await nearest()).toEqual(['bob']);
  });

  it('says nothing by a rule that the rejected face does not reach', async () => {
    const { enrol, reject, who } = await start();
    await enrol('ada', 3);
    await reject('ada', noisyPhoto(3, 120));
    const strict = await who(noisyPhoto(3, 70), '?threshold=0.96');
    expect(strict).toMatchObject({ decision: 'unknown', score: expect.closeTo(0.9085, 3) });
    expect(strict).not.toHaveProperty('rejected');
    expect(await who(noisyPhoto(3, 70))).toMatchObject({ decision: 'unknown', score: null, rejected: 1 });
  });

  it('takes photos in every form, and embeddings with the model that made them', async () => {
    const { app, call, enrol, who } = await start();
    await enrol(7, 3);
    const raw = { method: 'POST', url: '/identities/7/rejections', payload: noisyPhoto(3, 80) } as const;
    expect((await app.inject({ ...raw, headers: { 'content-type': 'image/jpeg' } })).statusCode).toBe(200);
    const embeddings = [[...vectorOf(3, 90)], [...vectorOf(3, 95)]];
    const given = { embeddings, fingerprint: 'fp-fake', detector: 'yunet' };
    const reply = await call('POST', '/identities/7/rejections', given);
    expect(reply.json().added).toMatchObject([{ detector: 'yunet' }, { detector: 'yunet' }]);
    expect((await call('GET', '/identities/7/rejections')).json().rejections).toHaveLength(3);
    expect(await who(noisyPhoto(3, 92))).toMatchObject({ decision: 'unknown', rejected: 1 });
  });

  it.each([
    ['another model’s embeddings', { embeddings: [[1, 0]], fingerprint: 'other' }, 409, 'MODEL_MISMATCH'],
    ['embeddings of another length', { embeddings: [[1, 0]], fingerprint: 'fp-fake' }, 400, 'INVALID_REQUEST'],
    ['no embeddings', { embeddings: [], fingerprint: 'fp-fake' }, 400, 'INVALID_REQUEST'],
    ['neither a photo nor embeddings', { photo: 'x' }, 400, 'INVALID_REQUEST'],
    ['a photo of nobody', { image: base64(photo()) }, 422, 'NO_FACE'],
  ])('refuses %s', async (_, body, status, code) => {
    const { call, enrol } = await start();
    await enrol('ada', 3);
    expect((await call('POST', '/identities/ada/rejections', body)).json()).toMatchObject({ status, code });
    expect((await call('GET', '/identities/ada/rejections')).json()).toEqual({ rejections: [] });
  });

  it('refuses a photo that the identity is enrolled with, and names the template', async () => {
    const { call, generate, reject } = await start();
    await generate({ id: 'ada', images: [{ image: base64(photo(3)) }] });
    const [{ id }] = (await call('GET', '/identities/ada/templates')).json().templates;
    const reply = await reject('ada', photo(3));
    expect(reply.json()).toMatchObject({ status: 409, code: 'ENROLLED_FACE', templates: [id] });
    expect((await reject('eve', photo(3))).json()).toMatchObject({ status: 404, code: 'UNKNOWN_ID' });
    expect((await reject('ada', photo(4), '?gallery=none')).json()).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  });

  it('is taken back by DELETE, with a receipt that names nobody', async () => {
    const { call, enrol, reject, who } = await start();
    await enrol('ada', 3);
    const [{ id }] = (await reject('ada', noisyPhoto(3, 80))).json().added;
    const reply = (await call('DELETE', `/identities/ada/rejections/${id}`)).json();
    expect(reply.deleted).toEqual({ identities: 0, templates: 1 });
    expect(reply.receipt).toMatchObject({
      subject: 'rejection',
      id_sha256: sha256('s:ada'),
      template_sha256: sha256(id),
    });
    expect(await who(noisyPhoto(3, 85))).toMatchObject({ id: 'ada', decision: 'match' });
    const gone = { status: 404, code: 'REJECTION_NOT_FOUND' };
    expect((await call('DELETE', `/identities/ada/rejections/${id}`)).json()).toMatchObject(gone);
  });

  it('is counted, and names nobody there', async () => {
    const { app, enrol, reject, infer } = await start();
    await enrol('ada', 3);
    await reject('ada', noisyPhoto(3, 80));
    await infer(noisyPhoto(3, 85));
    await infer(noisyPhoto(3, 10));
    const { body } = await app.inject('/metrics');
    expect(readMetric(body, 'face_id_rejected_faces_total')).toBe(1);
    expect(body).not.toContain('ada');
  });
});
