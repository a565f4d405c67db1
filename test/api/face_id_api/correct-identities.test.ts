import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base64, dimension, noisyPhoto, photo, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function start() {
  const api = await startApi();
  const { app } = api;
  const send = async (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, ...(payload && { payload }) });
  const get = async (url: string) => (await app.inject(url)).json();
  const templateIds = async (id: string): Promise<string[]> =>
    (await get(`/identities/${id}/templates`)).templates.map((one: { id: string }) => one.id);
  const whoIs = async (who: number) => (await api.infer(photo(who))).json().faces[0].id;
  return { ...api, send, get, templateIds, whoIs };
}

describe('name and metadata', () => {
  const ada = { name: 'Ada Lovelace', metadata: { team: 'engines', floor: 2 } };

  it('come with the enrolment, and stay when images alone come again', async () => {
    const { generate, get } = await start();
    const images = [{ image: base64(photo(1)) }];
    await generate({ id: 'ada', images, ...ada });
    expect(await get('/identities/ada')).toMatchObject({ ...ada, templates: 1 });
    await generate({ id: 'ada', images, metadata: { floor: null } });
    expect(await get('/identities/ada')).toMatchObject({ name: ada.name, metadata: { team: 'engines' } });
  });

  it('are changed by PATCH: what is absent stays, null clears', async () => {
    const { send, get, enrol } = await start();
    await enrol('ada', 1);
    expect((await send('PATCH', '/identities/ada', ada)).json()).toMatchObject({ id: 'ada', ...ada, templates: 1 });
    await send('PATCH', '/identities/ada', { metadata: { floor: null, door: true } });
    expect(await get('/identities/ada')).toMatchObject({ name: ada.name, metadata: { team: 'engines', door: true } });
    const cleared = await send('PATCH', '/identities/ada', { name: null, metadata: null });
    expect(cleared.json()).toMatchObject({ name: null, metadata: {} });
    expect((await send('PATCH', '/identities/eve', ada)).json()).toMatchObject({ status: 404, code: 'UNKNOWN_ID' });
  });

  it.each([
    [{ name: '' }],
    [{ name: 'a'.repeat(257) }],
    [{ name: '\ud800' }],
    [{ metadata: { 'a b': 1 } }],
    [{ metadata: { a: [1] } }],
    [{ metadata: { a: 'x'.repeat(257) } }],
    [{ metadata: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, i])) }],
    [{ surname: 'x' }],
  ])('are refused when out of bounds: %j', async wrong => {
    const { send, enrol, get } = await start();
    await enrol('ada', 1);
    expect((await send('PATCH', '/identities/ada', wrong)).json()).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await get('/identities/ada')).toMatchObject({ name: null, metadata: {} });
  });

  it('are searched for, a page at a time', async () => {
    const { send, get, enrol } = await start();
    for (const [id, name, team] of [
      ['a', 'Ada Lovelace', 'engines'],
      ['b', 'ADA KING', 'poems'],
      ['c', 'Charles', 'engines'],
    ] as const) {
      await enrol(id, 1);
      await send('PATCH', `/identities/${id}`, { name, metadata: { team, floor: 2 } });
    }
    const found = async (query: string) =>
      (await get(`/identities?${query}`)).identities.map((one: { id: string }) => one.id);
    expect(await found('name=ada%20lovelace')).toEqual(['a']);
    expect(await found('name_prefix=ada')).toEqual(['a', 'b']);
    expect(await found('metadata.team=engines')).toEqual(['a', 'c']);
    expect(await found('metadata.team=engines&metadata.floor=2&name_prefix=c')).toEqual(['c']);
    expect(await found('metadata.team=engine')).toEqual([]);
    const first = await get('/identities?metadata.team=engines&limit=1');
    expect(first.next).toBe('s:a');
    expect(await get(`/identities?metadata.team=engines&limit=1&after=${first.next}`)).toMatchObject({
      identities: [{ id: 'c' }],
      next: null,
    });
  });
});

describe('PUT /identities/:id', () => {
  const fingerprint = 'fp-fake';
  const body = { embeddings: [[...vectorOf(3)]], fingerprint };

  it('makes and replaces an identity without any image, and says the same when it is repeated', async () => {
    const { send, get, enrol, whoIs } = await start();
    await enrol('ada', 1, 2);
    const { created } = await get('/identities/ada');
    for (let again = 0; again < 2; again++) {
      const reply = await send('PUT', '/identities/ada', {
        ...body,
        name: 'Ada',
        metadata: { a: 1 },
        detector: 'yunet',
      });
      expect(reply.statusCode).toBe(200);
      expect(reply.json()).toMatchObject({ id: 'ada', name: 'Ada', metadata: { a: 1 }, templates: 1, created });
    }
    expect(await get('/identities/ada')).toMatchObject({ template_list: [{ detector: 'yunet', fingerprint }] });
    expect([await whoIs(3), await whoIs(1)]).toEqual(['ada', null]);
    expect((await send('PUT', '/identities/ada', body)).json()).toMatchObject({ name: null, metadata: {} });
  });

  it('takes what /embeddings gives', async () => {
    const { app, send, whoIs } = await start();
    const found = (
      await app.inject({ method: 'POST', url: '/embeddings', payload: { image: base64(photo(4)) } })
    ).json();
    const embeddings = [found.faces[0].embedding];
    await send('PUT', '/identities/7', { embeddings, fingerprint: found.model.fingerprint, detector: found.detector });
    expect(await whoIs(4)).toBe(7);
  });

  it('scales vectors to length 1', async () => {
    const { send, get } = await start();
    await send('PUT', '/identities/ada', { ...body, embeddings: [[3, 4, 0, 0, 0, 0, 0, 0]] });
    const [{ id }] = (await get('/identities/ada/templates')).templates;
    expect((await get(`/identities/ada/templates/${id}?embedding=true`)).embedding.slice(0, 3)).toEqual([
      0.60000002, 0.80000001, 0,
    ]);
  });

  it.each([
    ['of another model', { ...body, fingerprint: 'other' }, 409, 'MODEL_MISMATCH'],
    ['of another length', { ...body, embeddings: [[1, 0]] }, 400, 'INVALID_REQUEST'],
    ['without a direction', { ...body, embeddings: [new Array(dimension).fill(0)] }, 400, 'INVALID_REQUEST'],
    ['that overflow', { ...body, embeddings: [new Array(dimension).fill(1e300)] }, 400, 'INVALID_REQUEST'],
    ['that are none', { ...body, embeddings: [] }, 400, 'INVALID_REQUEST'],
    ['without a fingerprint', { embeddings: body.embeddings }, 400, 'INVALID_REQUEST'],
  ])('refuses embeddings %s', async (_, wrong, status, code) => {
    const { send, get } = await start();
    expect((await send('PUT', '/identities/ada', wrong)).json()).toMatchObject({ status, code });
    expect(await get('/identities/ada')).toMatchObject({ code: 'UNKNOWN_ID' });
  });
});

describe('templates', () => {
  it('are listed with their identity, and shown one at a time', async () => {
    const { get, enrol } = await start();
    await enrol('ada', 1, 2);
    const { template_list, templates } = await get('/identities/ada');
    expect(templates).toBe(2);
    expect((await get('/identities/ada/templates')).templates).toEqual(template_list);
    const { id, ...rest } = template_list[1];
    expect(rest).toEqual({
      created: expect.any(String),
      detector: 'mtcnn',
      source_sha256: 'x',
      fingerprint: 'fp-fake',
    });
    expect(await get(`/identities/ada/templates/${id}`)).toEqual(template_list[1]);
    const { embedding } = await get(`/identities/ada/templates/${id}?embedding=true`);
    expect(embedding).toEqual([...vectorOf(2)].map(value => Math.round(value * 1e8) / 1e8));
    expect(await get('/identities/ada/templates/none')).toMatchObject({ status: 404, code: 'TEMPLATE_NOT_FOUND' });
    expect(await get('/identities/eve/templates')).toMatchObject({ status: 404, code: 'UNKNOWN_ID' });
  });

  it('are erased one at a time; the identity stays, and nobody is it any more', async () => {
    const { send, get, enrol, templateIds, whoIs } = await start();
    await enrol('ada', 1, 2);
    const [one, two] = await templateIds('ada');
    const reply = (await send('DELETE', `/identities/ada/templates/${one}`)).json();
    expect(reply.deleted).toEqual({ identities: 0, templates: 1 });
    expect(reply.receipt).toMatchObject({ id_sha256: sha256('s:ada'), template_sha256: sha256(one ?? '') });
    expect([await whoIs(1), await whoIs(2)]).toEqual([null, 'ada']);
    expect((await send('DELETE', `/identities/ada/templates/${one}`)).json()).toMatchObject({
      code: 'TEMPLATE_NOT_FOUND',
    });
    await send('DELETE', `/identities/ada/templates/${two}`);
    expect(await get('/identities/ada')).toMatchObject({ templates: 0, template_list: [] });
    expect(await whoIs(2)).toBeNull();
  });

  it('are split off to a new identity, and given to another', async () => {
    const { send, enrol, templateIds, whoIs } = await start();
    await enrol('ada', 1, 2);
    const [one, two] = await templateIds('ada');
    const split = await send('POST', '/identities/ada/split', { templates: [two], id: 7 });
    expect(split.json()).toMatchObject({ from: { id: 'ada', templates: 1 }, to: { id: 7, templates: 1 } });
    expect([await whoIs(1), await whoIs(2)]).toEqual(['ada', 7]);
    const taken = await send('POST', '/identities/ada/split', { templates: [one], id: 7 });
    expect(taken.json()).toMatchObject({ status: 409, code: 'IDENTITY_EXISTS' });
    const moved = await send('POST', '/identities/ada/templates/move', { templates: [one], to: 7 });
    expect(moved.json()).toMatchObject({ from: { id: 'ada', templates: 0 }, to: { id: 7, templates: 2 } });
    expect(await whoIs(1)).toBe(7);
    const move = (id: string, payload: object) => send('POST', `/identities/${id}/templates/move`, payload);
    expect((await move('7', { templates: [one], to: 'eve' })).json()).toMatchObject({ code: 'UNKNOWN_ID' });
    expect((await move('7', { templates: ['none'], to: 'ada' })).json()).toMatchObject({ code: 'TEMPLATE_NOT_FOUND' });
    expect((await move('7', { templates: [one], to: 7 })).json()).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await move('7', { templates: [], to: 'ada' })).json()).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('POST /identities/:id/merge', () => {
  it('makes two identities one, with the name and metadata of the one that stays', async () => {
    const { send, get, enrol, whoIs } = await start();
    await enrol('ada', 1);
    await enrol(2576, 2);
    await send('PATCH', '/identities/ada', { name: 'Ada' });
    await send('PATCH', '/identities/2576', { name: 'Somebody' });
    const merged = await send('POST', '/identities/ada/merge', { from: 2576 });
    expect(merged.json()).toMatchObject({ id: 'ada', name: 'Ada', templates: 2 });
    expect([await whoIs(1), await whoIs(2)]).toEqual(['ada', 'ada']);
    expect(await get('/identities/2576')).toMatchObject({ code: 'UNKNOWN_ID' });
    expect((await send('POST', '/identities/ada/merge', { from: 2576 })).json()).toMatchObject({ code: 'UNKNOWN_ID' });
    expect((await send('POST', '/identities/ada/merge', { from: 'ada' })).json()).toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(await whoIs(1)).toBe('ada');
  });
});

describe('the receipt of an erasure', () => {
  it('says what went, where and when, and the id as its SHA-256 only', async () => {
    const { send, enrol } = await start();
    await enrol('ada-lovelace', 1, 2);
    const before = Date.now();
    const reply = (await send('DELETE', '/identities/ada-lovelace')).json();
    expect(reply).toEqual({
      deleted: { identities: 1, templates: 2 },
      receipt: {
        subject: 'identity',
        gallery: 'default',
        id_sha256: sha256('s:ada-lovelace'),
        template_sha256: null,
        identities: 1,
        templates: 2,
        places: expect.arrayContaining([{ place: 'database', templates: 2 }]),
        erased_at: expect.any(String),
      },
    });
    expect(Date.parse(reply.receipt.erased_at)).toBeGreaterThanOrEqual(before);
    expect(JSON.stringify(reply)).not.toContain('ada-lovelace');
  });

  it('tells an integer from a string', async () => {
    const { send, enrol } = await start();
    await enrol(7, 1);
    expect((await send('DELETE', '/identities/7')).json().receipt.id_sha256).toBe(sha256('i:7'));
  });

  it('names nobody for a whole gallery', async () => {
    const { send, enrol } = await start();
    await enrol(7, 1);
    const { receipt } = (await send('DELETE', '/identities?confirm=all')).json();
    expect(receipt).toMatchObject({ subject: 'identities', id_sha256: null, identities: 1, templates: 1 });
  });
});

describe('?gallery=', () => {
  it('keeps galleries apart in every route', async () => {
    const { app, generate, send, get, infer } = await start();
    await send('PUT', '/galleries/staff', {});
    const images = [{ image: base64(photo(1)) }];
    await generate({ id: 'ada', images }, '?gallery=staff');
    const who = async (query: string) => (await infer(photo(1), query)).json().faces[0].id;
    expect([await who(''), await who('?gallery=staff')]).toEqual([null, 'ada']);
    expect(await get('/identities/ada')).toMatchObject({ code: 'UNKNOWN_ID' });
    expect(await get('/identities/ada?gallery=staff')).toMatchObject({ id: 'ada' });
    expect((await get('/identities?gallery=staff')).identities).toHaveLength(1);
    expect((await send('DELETE', '/identities?confirm=all')).json().deleted).toEqual({ identities: 0, templates: 0 });
    expect(await who('?gallery=staff')).toBe('ada');
    const { receipt } = (await send('DELETE', '/identities/ada?gallery=staff')).json();
    expect(receipt.gallery).toBe('staff');
    for (const url of ['/identities', '/identities/ada', '/identities/ada/templates', '/identities/ada/templates/t']) {
      expect((await app.inject(`${url}?gallery=none`)).json()).toMatchObject({
        status: 404,
        code: 'GALLERY_NOT_FOUND',
      });
    }
    expect((await infer(noisyPhoto(1, 1), '?gallery=none')).json()).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
    expect((await generate({ id: 1, images }, '?gallery=none')).json()).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  });
});

describe('/galleries', () => {
  it('are made, listed, shown and deleted', async () => {
    const { send, get, generate } = await start();
    const model = { name: 'fake_embedder', fingerprint: 'fp-fake', dimension };
    const made = await send('PUT', '/galleries/staff', { kind: 'face' });
    expect(made.statusCode).toBe(200);
    const empty = { name: 'staff', kind: 'face', model, created: expect.any(String), identities: 0, templates: 0 };
    expect(made.json()).toEqual(empty);
    await generate({ id: 'ada', images: [{ image: base64(photo(1)) }] }, '?gallery=staff');
    expect((await send('PUT', '/galleries/staff', {})).json()).toMatchObject({ identities: 1, templates: 1 });
    expect((await send('PUT', '/galleries/staff', { kind: 'object' })).json()).toMatchObject({
      code: 'GALLERY_EXISTS',
    });
    expect((await get('/galleries')).galleries.map((one: { name: string }) => one.name)).toEqual(['default', 'staff']);
    expect(await get('/galleries/staff')).toMatchObject({ identities: 1, templates: 1 });
    expect((await send('DELETE', '/galleries/staff')).json()).toMatchObject({ code: 'CONFIRMATION_REQUIRED' });
    const gone = (await send('DELETE', '/galleries/staff?confirm=all')).json();
    expect(gone).toMatchObject({
      deleted: { identities: 1, templates: 1 },
      receipt: { subject: 'gallery', gallery: 'staff' },
    });
    const missing = { status: 404, code: 'GALLERY_NOT_FOUND' };
    expect((await send('DELETE', '/galleries/staff?confirm=all')).json()).toMatchObject(missing);
    expect(await get('/galleries/staff')).toMatchObject(missing);
    expect((await send('PUT', '/galleries/Staff', {})).json()).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('keep the default one, empty', async () => {
    const { send, get, enrol } = await start();
    await enrol(1, 1);
    expect((await send('DELETE', '/galleries/default?confirm=all')).json().deleted).toEqual({
      identities: 1,
      templates: 1,
    });
    expect(await get('/galleries/default')).toMatchObject({ identities: 0, templates: 0 });
  });
});
