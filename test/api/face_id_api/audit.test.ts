import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../../face_id_api/audit/audit.ts';
import { auditPlaces } from '../../../face_id_api/audit/audit-files.ts';
import { readAuditLines } from '../../../face_id_api/audit/read-audit.ts';
import { tempFolder } from '../../unit/triton/build/temp-folder.ts';
import { base64, type FakeOptions, photo } from './fake-deps.ts';
import { issuedKeys } from './issued-keys.ts';
import { startApi } from './start-api.ts';

async function start(options: FakeOptions = {}) {
  const dataDir = path.join(await tempFolder(), 'data_dir');
  const audit = await openAudit({ dataDir, actor: 'local' });
  onTestFinished(() => audit.close());
  const api = await startApi({ audit, ...options });
  const lines = async () => Array.fromAsync(readAuditLines(auditPlaces(dataDir)));
  const images = [{ image: base64(photo(1)) }];
  return { ...api, audit, lines, images };
}

describe('the audit log of the API', () => {
  it('says whose key made a change, and of no request that only reads', async () => {
    const issued = issuedKeys();
    const { app, lines, images } = await start({ access: { keys: issued.keys } });
    const send = (key: string, method: 'POST' | 'DELETE' | 'GET', url: string, payload?: object) =>
      app.inject({ method, url, headers: { 'x-api-key': key }, ...(payload && { payload }) });
    await send(issued.enrol, 'POST', '/generate', { id: 'ann', images });
    await send(issued.read, 'POST', '/infer', images[0]);
    await send(issued.read, 'GET', '/identities/ann');
    await send(issued.erase, 'DELETE', '/identities/ann');
    await send(issued.read, 'DELETE', '/identities/ann');
    expect((await lines()).map(({ actor, action, outcome }) => [actor, action, outcome])).toEqual([
      ['enroller', 'identity.enrol', 'begun'],
      ['enroller', 'identity.enrol', 'done'],
      ['eraser', 'identity.erase', 'begun'],
      ['eraser', 'identity.erase', 'done'],
    ]);
  });

  it('says local where nobody needs a key', async () => {
    const { generate, images, lines } = await start();
    await generate({ id: 'ann', images });
    expect((await lines()).map(({ actor }) => actor)).toEqual(['local', 'local']);
  });

  it('has a line for each acknowledged write, however many come at once', async () => {
    const { generate, images, lines, audit } = await start();
    const ids = Array.from({ length: 30 }, (_, i) => i);
    const replies = await Promise.all(ids.map(id => generate({ id, images })));
    expect(replies.every(({ statusCode }) => statusCode === 200)).toBe(true);
    expect(await lines()).toHaveLength(60);
    for (const id of ids) {
      const about = await Array.fromAsync(audit.about('default', id));
      expect(about.map(({ outcome }) => outcome)).toEqual(['begun', 'done']);
    }
  });

  it('refuses a write that cannot be written down, and answers who is in a photo all the same', async () => {
    const { generate, images, audit, infer, deps } = await start();
    await generate({ id: 'ann', images });
    await audit.close();
    expect((await generate({ id: 'bob', images })).json()).toMatchObject({ status: 507, code: 'STORAGE_FAILED' });
    expect(await deps.store.gallery('default').get('bob')).toBeNull();
    expect((await infer(photo(1))).json().faces[0]).toMatchObject({ id: 'ann' });
  });

  it('is told what was decided about a photo before that is answered', async () => {
    const told: unknown[] = [];
    const onIdentified: FakeOptions['onIdentified'] = async (gallery, verdicts) => void told.push([gallery, verdicts]);
    const { enrol, infer } = await start({ onIdentified });
    await enrol('ann', 1);
    await infer(photo(1, 5));
    const verdicts = [expect.objectContaining({ id: 'ann' }), expect.objectContaining({ decision: 'unknown' })];
    expect(told).toEqual([['default', verdicts]]);
  });
});

describe('GET /identities/:id/export', () => {
  it('has everything that is kept about somebody, with vectors and what was done', async () => {
    const { app, generate, images } = await start();
    await generate({ id: 'ann', images, name: 'Ann Lee' });
    await generate({ id: 'bob', images });
    const found = (await app.inject('/identities/ann/export')).json();
    expect(found).toMatchObject({
      format: 'face-id subject',
      gallery: 'default',
      id: 'ann',
      model: { name: 'fake_embedder' },
      kept: { identity: [{ id: 'ann', name: 'Ann Lee', templates: [{ vector: expect.any(String) }] }] },
    });
    expect(found.kept.audit.map((line: { action: string }) => line.action)).toEqual([
      'identity.enrol',
      'identity.enrol',
    ]);
    const again = (await app.inject('/identities/ann/export')).json();
    expect(again.kept.audit.at(-1)).toMatchObject({ action: 'identity.export', outcome: 'done' });
  });

  it('has what it was said not to be: faces without the vectors, which are of others, and ids', async () => {
    const { app, generate, images } = await start();
    for (const id of ['ann', 'bob']) await generate({ id, images });
    const send = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
    await send('/identities/ann/rejections', { image: base64(photo(2)) });
    await send('/duplicates/dismiss', { a: 'bob', b: 'ann' });
    const { kept } = (await app.inject('/identities/ann/export')).json();
    expect(kept.rejections).toEqual([
      {
        id: expect.any(String),
        source_sha256: expect.any(String),
        detector: expect.any(String),
        fingerprint: 'fp-fake',
        created: expect.any(String),
      },
    ]);
    expect(kept.distinct).toEqual([{ id: 'bob' }]);
    expect(kept.identity[0]).not.toHaveProperty('rejections');
    expect(kept.audit.map((line: { action: string }) => line.action)).toContain('rejection.add');
  });

  it('has the log alone of somebody who was erased, and nothing of somebody who never was', async () => {
    const { app, generate, images } = await start();
    await generate({ id: 'ann', images });
    await app.inject({ method: 'DELETE', url: '/identities/ann' });
    await app.inject('/galleries/default/export');
    const { kept } = (await app.inject('/identities/ann/export')).json();
    expect(kept.identity).toEqual([]);
    expect(kept.audit.map((line: { action: string }) => line.action)).toContain('identity.erase');
    for (const id of ['eve', 'ann?gallery=staff', 'ann?type=integer']) {
      expect((await app.inject(`/identities/${id.replace('?', '/export?')}`)).statusCode).toBeGreaterThanOrEqual(400);
    }
    expect((await app.inject('/identities/eve/export')).json()).toMatchObject({ code: 'UNKNOWN_ID' });
  });
});

describe('POST /galleries/:name/sweep', () => {
  const expired = { purpose: 'door', given: '2026-01-01T00:00:00Z', expires: '2026-01-02T00:00:00Z' };

  it('lists who is due and changes nothing, unless it is told to', async () => {
    const { app, generate, images, lines } = await start();
    await generate({ id: 'ann', images, consent: expired });
    await generate({ id: 'bob', images });
    const sweep = async (query = '') =>
      (await app.inject({ method: 'POST', url: `/galleries/default/sweep${query}` })).json();
    const due = { reasons: { consent_expired: 1, unseen: 0 }, due: [{ id: 'ann', reason: 'consent_expired' }] };
    expect(await sweep()).toEqual({ dry_run: true, ...due, receipts: [] });
    expect(await sweep('?dry_run=true')).toMatchObject({ dry_run: true });
    expect((await app.inject('/identities/ann')).statusCode).toBe(200);
    const swept = await sweep('?dry_run=false');
    expect(swept).toMatchObject({
      dry_run: false,
      ...due,
      receipts: [{ subject: 'identity', identities: 1, templates: 1 }],
    });
    expect((await app.inject('/identities/ann')).statusCode).toBe(404);
    expect((await app.inject('/identities/bob')).statusCode).toBe(200);
    const done = (await lines()).filter(({ outcome }) => outcome === 'done').slice(-2);
    expect(done.map(({ action, details }) => [action, details.erased])).toEqual([
      ['identity.erase', undefined],
      ['gallery.sweep', 1],
    ]);
    expect(await sweep('?limit=0')).toMatchObject({ code: 'INVALID_REQUEST' });
    const nowhere = await app.inject({ method: 'POST', url: '/galleries/none/sweep' });
    expect(nowhere.json()).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  });
});
