import { describe, expect, it } from 'vitest';
import { photo, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const next = { name: 'next_embedder', fingerprint: 'fp-next', dimension: 8 };

async function start() {
  const api = await startApi();
  const { app, deps } = api;
  await api.enrol('ada', 1, 2);
  await api.enrol(7, 3);
  const call = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object) =>
    (await app.inject({ method, url, ...(payload && { payload }) })).json();
  return {
    ...api,
    call,
    /** Everybody, or only these, by the next model. */
    carryOver: async (...only: (string | number)[]) => {
      const records = await Array.fromAsync(deps.store.gallery('default').export());
      const wanted = records.filter(({ id }) => only.length === 0 || only.includes(id));
      await deps.store.gallery('default--beside').import(
        wanted.map(record => ({
          ...record,
          templates: record.templates.map(template => ({ ...template, fingerprint: next.fingerprint })),
        })),
      );
    },
  };
}

describe('/galleries/:name/beside and /switch', () => {
  it('make the gallery beside, say how far it is, and switch', async () => {
    const { call, carryOver, infer } = await start();
    expect(await call('GET', '/galleries/default/beside')).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
    const made = await call('PUT', '/galleries/default/beside', { model: next });
    expect(made).toMatchObject({ name: 'default--beside', kind: 'face', model: next, templates: 0 });
    await carryOver(7);
    expect(await call('GET', '/galleries/default/beside')).toMatchObject({
      gallery: { name: 'default', templates: 3 },
      beside: { name: 'default--beside', templates: 1 },
      behind: { missing: 1, changed: 0, bare: 0, gone: 0 },
    });
    const to = { fingerprint: next.fingerprint };
    expect(await call('POST', '/galleries/default/switch', to)).toMatchObject({
      status: 409,
      code: 'GALLERY_BEHIND',
      behind: { missing: 1, changed: 0, bare: 0 },
    });
    await carryOver();
    // While it is being filled, and after, everybody is recognised as before.
    expect((await infer(photo(2))).json().faces[0].id).toBe('ada');
    for (const _ of ['first', 'again']) {
      expect(await call('POST', '/galleries/default/switch', to)).toMatchObject({
        gallery: { name: 'default', model: next, templates: 3 },
        beside: { name: 'default--beside', model: { name: 'fake_embedder' }, templates: 3 },
      });
    }
  });

  it('tell a service with the model before what to do, until it is switched back', async () => {
    const { call, carryOver, infer } = await start();
    await call('PUT', '/galleries/default/beside', { model: next });
    await carryOver();
    await call('POST', '/galleries/default/switch', { fingerprint: next.fingerprint });
    const refused = (await infer(photo(2))).json();
    expect(refused).toMatchObject({ status: 409, code: 'MODEL_MISMATCH' });
    expect(refused.detail).toMatch(/set models\.embedder to next_embedder, or .*gallery -- switch/);
    const ready = await call('GET', '/readyz');
    expect(ready).toMatchObject({ status: 'not_ready', checks: { store: { reason: refused.detail } } });
    await call('POST', '/galleries/default/switch', { fingerprint: 'fp-fake' });
    expect((await infer(photo(2))).json().faces[0].id).toBe('ada');
  });

  it('take no other name, model or gallery', async () => {
    const { call } = await start();
    const own = { name: 'fake_embedder', fingerprint: 'fp-fake', dimension: 8 };
    expect(await call('PUT', '/galleries/default/beside', { model: own })).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ message: expect.stringMatching(/another one than fake_embedder/) }],
    });
    expect(await call('PUT', '/galleries/staff--beside', {})).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ path: 'params.name', message: expect.stringMatching(/PUT \/galleries\/staff\/beside/) }],
    });
    expect(await call('PUT', '/galleries/none/beside', { model: next })).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
    await call('PUT', '/galleries/default/beside', { model: next });
    expect(await call('POST', '/galleries/default/switch', { fingerprint: 'fp-3' })).toMatchObject({
      code: 'MODEL_MISMATCH',
    });
    for (const [method, url, body] of [
      ['POST', '/generate?gallery=default--beside', { id: 'eve', images: [{ image: photo(1).toString('base64') }] }],
      ['POST', '/identities/ada/merge?gallery=default--beside', { from: 7 }],
    ] as const) {
      expect(await call(method, url, body)).toMatchObject({ code: 'INVALID_REQUEST' });
    }
  });

  it('erase somebody in both, with both in the receipt', async () => {
    const { call, carryOver, deps } = await start();
    await call('PUT', '/galleries/default/beside', { model: next });
    await carryOver();
    const { deleted, receipt } = await call('DELETE', '/identities/ada');
    expect(deleted).toEqual({ identities: 1, templates: 2 });
    expect(receipt.places).toContainEqual({ place: 'gallery beside: database', templates: 2 });
    expect(await call('GET', '/identities/ada?gallery=default--beside')).toMatchObject({ code: 'UNKNOWN_ID' });
    const gone = await call('DELETE', '/identities?confirm=all');
    expect(gone.receipt.places).toContainEqual({ place: 'gallery beside: database', templates: 1 });
    expect((await deps.store.listGalleries()).map(({ name }) => name)).toEqual(['default']);
  });
});

/** Every way in which vectors, or galleries of them, can come in. */
describe('vectors of another model are refused, in words', () => {
  const embedding = [...vectorOf(1)];
  const given = { embeddings: [embedding], fingerprint: 'fp-other' };
  const words = /templates of model '.+' \(fingerprint .+\).*set models\.embedder to .+changing-the-model/;

  it('by every call of the API that takes some', async () => {
    const { call, app } = await start();
    for (const [method, url] of [
      ['PUT', '/identities/new'],
      ['PUT', '/identities/ada'],
      ['POST', '/identities/ada/templates'],
      ['POST', '/identities/new/templates'],
      ['POST', '/identities/ada/rejections'],
    ] as const) {
      const refused = await call(method, url, given);
      expect(refused, `${method} ${url}`).toMatchObject({ status: 409, code: 'MODEL_MISMATCH' });
      expect(refused.detail).toMatch(
        /takes templates of model 'fake_embedder' \(fingerprint fp-fake\).*whose fingerprint begins with fp-other; .*embed the photos with fake_embedder,.*changing-the-model/,
      );
    }
    const archive = (await app.inject('/galleries/default/export')).body.replace('fp-fake', 'fp-other');
    const headers = { 'content-type': 'application/x-ndjson' };
    const imported = await app.inject({ method: 'POST', url: '/galleries/default/import', payload: archive, headers });
    expect(imported.json()).toMatchObject({ code: 'MODEL_MISMATCH', detail: expect.stringMatching(/another gallery/) });
    expect(await call('GET', '/galleries/default')).toMatchObject({ identities: 2, templates: 3 });
  });

  it('by a gallery that was switched: search, enrolment, and vectors of the model before', async () => {
    const { call, carryOver, infer, generate } = await start();
    await call('PUT', '/galleries/default/beside', { model: next });
    await carryOver();
    await call('POST', '/galleries/default/switch', { fingerprint: next.fingerprint });
    const image = photo(1).toString('base64');
    for (const refused of [
      (await infer(photo(1))).json(),
      (await generate({ id: 'eve', images: [{ image }] })).json(),
      await call('PUT', '/identities/eve', { ...given, fingerprint: 'fp-fake' }),
      await call('POST', '/identities/eve/templates', { ...given, fingerprint: 'fp-fake' }),
      // Of the gallery's own model, which the service does not have.
      await call('POST', '/identities/ada/rejections', { ...given, fingerprint: next.fingerprint }),
    ]) {
      expect(refused).toMatchObject({ status: 409, code: 'MODEL_MISMATCH' });
      expect(refused.detail).toMatch(words);
    }
    // The gallery before is there under its new name, and answers.
    const asked = await infer(photo(2), '?gallery=default--beside');
    expect(asked.json().faces[0].id).toBe('ada');
  });
});
