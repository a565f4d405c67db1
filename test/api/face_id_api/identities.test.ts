import { describe, expect, it } from 'vitest';
import { photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

describe('/identities', () => {
  it('lists who is enrolled, page by page, integers before strings', async () => {
    const { app, enrol } = await startApi();
    for (const id of ['b', 10, 'a', 9]) await enrol(id, 1, 2);
    const first = (await app.inject('/identities?limit=3')).json();
    expect(first.identities.map((one: { id: unknown }) => one.id)).toEqual([9, 10, 'a']);
    expect(first.identities[0]).toEqual({
      id: 9,
      name: null,
      metadata: {},
      consent: null,
      templates: 2,
      created: expect.stringMatching(/^\d{4}-.*Z$/),
      updated: expect.stringMatching(/^\d{4}-.*Z$/),
      seen: null,
    });
    const second = (await app.inject(`/identities?limit=3&after=${first.next}`)).json();
    expect(second).toMatchObject({ identities: [{ id: 'b' }], next: null });
  });

  it.each([
    '?limit=0',
    '?limit=1001',
    '?limit=x',
    '?after=zzz',
    '?after=i:x',
    '?after=',
    '?page=2',
    '?metadata.=x',
    '?metadata.a=1&metadata.a=2',
    '?name=a&name_prefix=b',
    '?gallery=A',
  ])('refuses the query %s', async query => {
    const { app } = await startApi();
    const reply = await app.inject(`/identities${query}`);
    expect(reply.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });

  it('reads digits in a path as the integer, and as the string when told so', async () => {
    const { app, enrol } = await startApi();
    await enrol(2576, 1);
    await enrol('2576', 1, 2);
    await enrol('007', 3);
    expect((await app.inject('/identities/2576')).json()).toMatchObject({ id: 2576, templates: 1 });
    expect((await app.inject('/identities/2576?type=string')).json()).toMatchObject({ id: '2576', templates: 2 });
    expect((await app.inject('/identities/007')).json()).toMatchObject({ id: '007' });
  });

  it('takes digits beyond the largest integer for no id, unless they are to be the string', async () => {
    const { app, enrol } = await startApi();
    await enrol('9999999999999999', 1);
    const refused = await app.inject('/identities/9999999999999999');
    expect(refused.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(refused.body).toContain('integers end at 9007199254740991; ?type=string asks for the string');
    const put = await app.inject({ method: 'PUT', url: '/identities/9999999999999999', payload: { embeddings: [] } });
    expect(put.statusCode).toBe(400);
    const found = await app.inject('/identities/9999999999999999?type=string');
    expect(found.json()).toMatchObject({ id: '9999999999999999' });
  });

  it('never reaches another identity when a DELETE is repeated', async () => {
    const { app, enrol } = await startApi();
    await enrol(2576, 1);
    await enrol('2576', 1);
    const remove = () => app.inject({ method: 'DELETE', url: '/identities/2576' });
    expect((await remove()).json()).toMatchObject({ deleted: { identities: 1, templates: 1 } });
    expect((await remove()).json()).toMatchObject({ status: 404, code: 'UNKNOWN_ID' });
    expect((await app.inject('/identities/2576?type=string')).statusCode).toBe(200);
  });

  it('takes ids of every allowed character and length, escaped or not', async () => {
    const { app, enrol } = await startApi();
    const id = 'aZ09._:-'.repeat(16);
    await enrol(id, 1);
    const escaped = [...id].map(c => `%${c.charCodeAt(0).toString(16)}`).join('');
    expect((await app.inject(`/identities/${id}`)).json()).toMatchObject({ id });
    expect((await app.inject(`/identities/${escaped}`)).json()).toMatchObject({ id });
  });

  it.each(['a%20b', '%C3%A9', `${'a'.repeat(129)}`, 'abc?type=integer', 'abc?type=number'])(
    'refuses the path /identities/%s',
    async path => {
      const { app } = await startApi();
      expect((await app.inject(`/identities/${path}`)).json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    },
  );

  it('answers UNKNOWN_ID for nobody', async () => {
    const { app } = await startApi();
    for (const method of ['GET', 'DELETE'] as const) {
      const reply = await app.inject({ method, url: '/identities/1' });
      expect(reply.json()).toMatchObject({ status: 404, code: 'UNKNOWN_ID' });
    }
  });

  it('empties the gallery only with confirm=all', async () => {
    const { app, enrol } = await startApi();
    await enrol(1, 1);
    await enrol('x', 1, 2);
    for (const query of ['', '?confirm=yes', '?confirm=']) {
      const refused = await app.inject({ method: 'DELETE', url: `/identities${query}` });
      expect(refused.json()).toMatchObject({ status: 400, code: 'CONFIRMATION_REQUIRED' });
    }
    const reply = await app.inject({ method: 'DELETE', url: '/identities?confirm=all' });
    expect(reply.json()).toMatchObject({ deleted: { identities: 2, templates: 3 } });
    expect((await app.inject('/identities')).json()).toEqual({ identities: [], next: null });
  });

  it('does not know a deleted person any more', async () => {
    const { app, enrol, infer } = await startApi();
    await enrol(5, 3);
    expect((await infer(photo(3))).json().faces[0].id).toBe(5);
    await app.inject({ method: 'DELETE', url: '/identities/5' });
    expect((await infer(photo(3))).json().faces[0]).toMatchObject({ id: null, score: null });
  });
});
