import { describe, expect, it } from 'vitest';
import { retentionConfig } from '../../../face_id_api/config.ts';
import { base64, type FakeOptions, photo, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const holding = { purpose: 'door of house 3', given: '2026-01-01T00:00:00Z', expires: '2100-01-01T00:00:00Z' };
const expired = { ...holding, expires: '2026-01-02T00:00:00Z' };
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const strict: FakeOptions = { retention: retentionConfig.parse({ require_consent: true }) };

async function start(options?: FakeOptions) {
  const api = await startApi(options);
  const send = async (method: 'GET' | 'PUT' | 'PATCH' | 'POST', url: string, payload?: object) =>
    (await api.app.inject({ method, url, ...(payload && { payload }) })).json();
  const images = [{ image: base64(photo(1)) }];
  const enrolled = { embeddings: [[...vectorOf(1)]], fingerprint: 'fp-fake' };
  return { ...api, send, images, enrolled };
}

describe('a consent', () => {
  it('is given with an enrolment, shown, replaced and taken out', async () => {
    const { send, generate, images } = await start();
    await generate({ id: 'ann', images, consent: holding });
    expect(await send('GET', '/identities/ann')).toMatchObject({ consent: holding, seen: null });
    await generate({ id: 'ann', images, name: 'Ann' }, '?mode=append');
    expect(await send('GET', '/identities?name=ann')).toMatchObject({ identities: [{ consent: holding }] });
    expect(await send('PATCH', '/identities/ann', { consent: expired })).toMatchObject({
      name: 'Ann',
      consent: expired,
    });
    expect(await send('PATCH', '/identities/ann', { consent: null })).toMatchObject({ consent: null });
  });

  it('comes with embeddings, too, and goes where an identity is made anew without', async () => {
    const { send, enrolled } = await start();
    expect(await send('PUT', '/identities/ann', { ...enrolled, consent: holding })).toMatchObject({ consent: holding });
    expect(await send('POST', '/identities/ann/templates', enrolled)).toMatchObject({ identity: { consent: holding } });
    const added = await send('POST', '/identities/bob/templates', { ...enrolled, consent: holding });
    expect(added).toMatchObject({ identity: { id: 'bob', consent: holding } });
    expect(await send('PUT', '/identities/ann', enrolled)).toMatchObject({ consent: null });
  });

  it.each([
    [{ purpose: 'door', given: '2026-01-01T00:00:00Z' }],
    [{ ...holding, purpose: '' }],
    [{ ...holding, given: '2026-01-01' }],
    [{ ...holding, expires: 'never' }],
    [{ ...holding, expires: '2025-12-31T00:00:00Z' }],
    [{ ...holding, note: 'x' }],
    ['yes'],
  ])('is refused when it is none: %j', async consent => {
    const { send, enrol } = await start();
    await enrol('ann', 1);
    expect(await send('PATCH', '/identities/ann', { consent })).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('that has expired lets nobody be recognised any more, from that moment on', async () => {
    const { send, enrol, infer } = await start();
    await enrol('ann', 1);
    await send('PATCH', '/identities/ann', { consent: holding });
    expect((await infer(photo(1))).json().faces[0]).toMatchObject({ id: 'ann', decision: 'match' });
    await send('PATCH', '/identities/ann', { consent: { ...holding, expires: new Date().toISOString() } });
    const reply = (await infer(photo(1), '?top_k=5')).json();
    expect(reply.faces[0]).toMatchObject({ id: null, decision: 'unknown', score: null, candidates: [] });
    expect((await infer(photo(1), '?by=person')).json().faces[0]).toMatchObject({ id: null, decision: 'unknown' });
    expect((await infer(photo(1), '?format=arrays')).body).not.toContain('ann');
    expect(await send('GET', '/identities/ann')).toMatchObject({ templates: 1 });
  });

  it('is on its way in archives, and absent in those of the first version', async () => {
    const { app, send, generate, images } = await start();
    await generate({ id: 'ann', images, consent: holding });
    const archive = (await app.inject('/galleries/default/export')).body;
    expect(JSON.parse(archive.split('\n')[0] ?? '')).toMatchObject({ version: 2 });
    const headers = { 'content-type': 'application/x-ndjson' };
    const load = (payload: string) =>
      app.inject({ method: 'POST', url: '/galleries/default/import', headers, payload });
    await app.inject({ method: 'DELETE', url: '/identities/ann' });
    expect((await load(archive)).json()).toMatchObject({ identities: 1, refused: [] });
    expect(await send('GET', '/identities/ann')).toMatchObject({ consent: holding });
    const old = archive
      .replace('"version":2', '"version":1')
      .replace(/"consent":\{[^}]*\},/, '')
      .replace('"seen":null,', '');
    expect(old).not.toContain('consent');
    expect((await load(old)).json()).toMatchObject({ identities: 1, refused: [] });
    expect(await send('GET', '/identities/ann')).toMatchObject({ consent: null, seen: null });
  });
});

describe('where a consent is required', () => {
  const refused = { status: 422, code: 'CONSENT_REQUIRED' };

  it('nobody is enrolled without one that holds, by any way', async () => {
    const { app, send, generate, images, enrolled } = await start(strict);
    expect((await generate({ id: 'ann', images })).json()).toMatchObject(refused);
    expect((await generate({ id: 'ann', images, consent: expired })).json()).toMatchObject(refused);
    expect(await send('PUT', '/identities/ann', enrolled)).toMatchObject(refused);
    expect(await send('POST', '/identities/ann/templates', enrolled)).toMatchObject(refused);
    expect(await send('GET', '/identities/ann')).toMatchObject({ code: 'UNKNOWN_ID' });

    expect((await generate({ id: 'ann', images, consent: holding })).statusCode).toBe(200);
    expect((await generate({ id: 'ann', images }, '?mode=append')).statusCode).toBe(200);
    const archive = (await app.inject('/galleries/default/export')).body.replaceAll('2100-01-01', '2026-01-02');
    const headers = { 'content-type': 'application/x-ndjson' };
    const imported = await app.inject({ method: 'POST', url: '/galleries/default/import', headers, payload: archive });
    expect(imported.json()).toMatchObject({ identities: 0, refused: [{ line: 2, code: 'CONSENT_REQUIRED' }] });
  });

  it('one that is given in the future does not hold, by any way, but clocks may differ by a minute', async () => {
    const { app, send, generate, images, enrolled } = await start(strict);
    const consent = { ...holding, given: inMs(120_000) };
    expect((await generate({ id: 'ann', images, consent })).json()).toMatchObject({
      ...refused,
      detail: expect.stringContaining('was given at a time that is still to come'),
    });
    expect(await send('PUT', '/identities/ann', { ...enrolled, consent })).toMatchObject(refused);
    expect(await send('POST', '/identities/ann/templates', { ...enrolled, consent })).toMatchObject(refused);
    expect(await send('GET', '/identities/ann')).toMatchObject({ code: 'UNKNOWN_ID' });

    expect((await generate({ id: 'ann', images, consent: { ...holding, given: inMs(30_000) } })).statusCode).toBe(200);
    const archive = (await app.inject('/galleries/default/export')).body;
    const payload = archive.replace(/"given":"[^"]*"/, '"given":"2099-01-01T00:00:00Z"');
    const headers = { 'content-type': 'application/x-ndjson' };
    const imported = await app.inject({ method: 'POST', url: '/galleries/default/import', headers, payload });
    expect(imported.json()).toMatchObject({ identities: 0, refused: [{ line: 2, code: 'CONSENT_REQUIRED' }] });
  });

  it('templates go only to those who have one', async () => {
    const { send, generate, images } = await start(strict);
    for (const id of ['ann', 'bob']) await generate({ id, images, consent: holding });
    const [template] = (await send('GET', '/identities/ann/templates')).templates;
    const split = { templates: [template.id], id: 'cy' };
    expect(await send('POST', '/identities/ann/split', split)).toMatchObject(refused);
    await send('PATCH', '/identities/bob', { consent: expired });
    expect(await send('POST', '/identities/bob/merge', { from: 'ann' })).toMatchObject(refused);
    const move = { templates: [template.id], to: 'bob' };
    expect(await send('POST', '/identities/ann/templates/move', move)).toMatchObject(refused);
    expect(await send('POST', '/identities/ann/split', { ...split, name: 'Cy', consent: holding })).toMatchObject({
      to: { id: 'cy', name: 'Cy', consent: holding, templates: 1 },
    });
  });

  it('it ends by being withdrawn, and is not taken out', async () => {
    const { send, generate, images, infer } = await start(strict);
    await generate({ id: 'ann', images, consent: holding });
    expect(await send('PATCH', '/identities/ann', { consent: null })).toMatchObject(refused);
    await send('PATCH', '/identities/ann', { consent: expired });
    expect((await infer(photo(1))).json().faces[0].decision).toBe('unknown');
    expect((await generate({ id: 'ann', images }, '?mode=append')).json()).toMatchObject(refused);
  });
});
