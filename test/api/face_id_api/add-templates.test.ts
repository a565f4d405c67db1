import { describe, expect, it } from 'vitest';
import { dimension, photo, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const about = { fingerprint: 'fp-fake', detector: 'mtcnn' };

async function start() {
  const api = await startApi();
  const add = async (id: string, payload: object) =>
    api.app.inject({ method: 'POST', url: `/identities/${id}/templates`, payload: { ...about, ...payload } });
  const get = async (url: string) => (await api.app.inject(url)).json();
  const whoIs = async (who: number) => (await api.infer(photo(who))).json().faces[0].id;
  return { ...api, add, get, whoIs };
}

describe('POST /identities/:id/templates', () => {
  it('makes the identity where there is none', async () => {
    const { add, get, whoIs } = await start();
    const reply = await add('ada', { embeddings: [[...vectorOf(1)]], name: 'Ada' });
    expect(reply.statusCode).toBe(200);
    expect(reply.json().identity).toMatchObject({ id: 'ada', name: 'Ada', metadata: {}, templates: 1 });
    const { templates } = await get('/identities/ada/templates');
    expect(templates).toMatchObject([{ id: reply.json().added[0], detector: 'mtcnn', fingerprint: 'fp-fake' }]);
    expect(await whoIs(1)).toBe('ada');
  });

  it('keeps templates, name and metadata that are there', async () => {
    const { add, enrol, app, get, whoIs } = await start();
    await enrol('ada', 1);
    const fields = { name: 'Ada', metadata: { team: 'engines' } };
    await app.inject({ method: 'PATCH', url: '/identities/ada', payload: fields });
    // Twice as long: what counts is the direction.
    const { identity, added } = (await add('ada', { embeddings: [Array.from(vectorOf(2), x => 2 * x)] })).json();
    expect(identity).toMatchObject({ ...fields, templates: 2 });
    expect((await get('/identities/ada/templates')).templates[1].id).toBe(added[0]);
    expect([await whoIs(1), await whoIs(2)]).toEqual(['ada', 'ada']);
  });

  it('refuses another model’s vectors, and vectors that are none', async () => {
    const { add, get } = await start();
    const refusal = async (payload: object) => (await add('ada', payload)).json().code;
    expect(await refusal({ embeddings: [[...vectorOf(1)]], fingerprint: 'fp-other' })).toBe('MODEL_MISMATCH');
    expect(await refusal({ embeddings: [Array(dimension).fill(0)] })).toBe('INVALID_REQUEST');
    expect(await refusal({ embeddings: [[1, 0]] })).toBe('INVALID_REQUEST');
    expect(await refusal({ embeddings: [] })).toBe('INVALID_REQUEST');
    expect(await get('/identities/ada')).toMatchObject({ code: 'UNKNOWN_ID' });
  });
});
