import { describe, expect, it } from 'vitest';
import { createFaceIdClient, FaceIdError } from '../../../face_id_api/client/index.ts';
import { brokenPhoto, photo } from '../face_id_api/fake-deps.ts';
import { startClient } from './start-client.ts';

/** The error that a call ends with. */
async function errorOf(call: Promise<unknown>): Promise<FaceIdError> {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (error instanceof FaceIdError) return error;
  throw new Error('expected a FaceIdError', { cause: error });
}

describe('createFaceIdClient', () => {
  it('enrols from every kind of image, asks and verifies', async () => {
    const { client } = await startClient();
    const images = [
      photo(1),
      new Blob([new Uint8Array(photo(2))]),
      new Uint8Array(photo(3)).buffer,
      new Uint8Array(photo(4)),
    ];
    expect(await client.enrol({ id: 'ada', name: 'Ada', images })).toMatchObject({ enrolled: 4, templates: 4 });
    for (const image of images) {
      const { faces, rule } = await client.infer(image, { top_k: 1, by: 'template' });
      expect(faces).toMatchObject([{ id: 'ada', decision: 'match', candidates: [{ id: 'ada' }] }]);
      expect(rule.comparisons).toBe(4);
    }
    expect(await client.verify(photo(1), photo(1))).toMatchObject({ decision: 'match', score: 1 });
    expect(await client.verify(photo(1), photo(2))).toMatchObject({ decision: 'unknown' });
    const { faces } = await client.embeddings(photo(5, 6), { max_faces: 1 });
    expect(faces.map(face => face.embedding.length)).toEqual([8, 8]);
  });

  it('keeps the type of an id, and adds to an identity when told to', async () => {
    const { client } = await startClient();
    await client.enrol({ id: 7, images: [photo(1)] });
    await client.enrol({ id: '7', images: [photo(2)] });
    await client.enrol({ id: '7', images: [photo(3)] }, { mode: 'append' });
    expect(await client.identities.get(7)).toMatchObject({ id: 7, templates: 1 });
    expect(await client.identities.get('7')).toMatchObject({ id: '7', templates: 2 });
    await client.identities.delete(7);
    expect((await errorOf(client.identities.get(7))).code).toBe('UNKNOWN_ID');
    expect((await client.identities.get('7')).templates).toBe(2);
  });

  it('corrects identities and their templates', async () => {
    const { client, enrol } = await startClient();
    await enrol('ada', 1, 2, 3);
    await enrol('bob', 4);
    expect(await client.identities.update('ada', { name: 'Ada' })).toMatchObject({ name: 'Ada' });
    const [first, second] = await client.templates.list('ada');
    const split = await client.identities.split('ada', { templates: [first!.id], newId: 'eve' });
    expect([split.from.templates, split.to.templates]).toEqual([2, 1]);
    await client.templates.move('ada', { templates: [second!.id], to: 'bob' });
    expect((await client.templates.get('bob', second!.id, { embedding: true })).embedding).toHaveLength(8);
    await client.templates.delete('bob', second!.id);
    expect(await client.identities.merge('eve', 'ada')).toMatchObject({ id: 'ada', templates: 2 });
    expect((await errorOf(client.identities.get('eve'))).status).toBe(404);
    expect(await client.identities.deleteAll()).toMatchObject({ deleted: { identities: 2, templates: 3 } });
  });

  it('makes an identity from embeddings', async () => {
    const { client } = await startClient();
    const { faces, model, detector } = await client.embeddings(photo(2));
    const embeddings = faces.map(face => face.embedding);
    await client.identities.put('ada', {
      embeddings,
      fingerprint: model.fingerprint,
      detector,
      name: null,
      metadata: {},
    });
    expect((await client.infer(photo(2))).faces[0]?.id).toBe('ada');
  });

  it('lists everybody over as many pages as there are, and who fits', async () => {
    const { client, enrol } = await startClient();
    for (let who = 0; who < 5; who++) await enrol(who, who);
    await client.identities.update(3, { name: 'Ada', metadata: { team: 'blue' } });
    const ids = await Array.fromAsync(client.identities.list({ limit: 2 }), ({ id }) => id);
    expect(ids).toEqual([0, 1, 2, 3, 4]);
    expect(await Array.fromAsync(client.identities.list({ 'metadata.team': 'blue' }), ({ id }) => id)).toEqual([3]);
    expect(await Array.fromAsync(client.identities.list({ name_prefix: 'a' }), ({ name }) => name)).toEqual(['Ada']);
  });

  it('means its own gallery, and another one where that is named', async () => {
    const { client, url } = await startClient();
    const staff = createFaceIdClient({ url, gallery: 'staff' });
    await client.galleries.put('staff');
    await staff.enrol({ id: 'ada', images: [photo(1)] });
    expect((await client.infer(photo(1))).faces[0]?.id).toBeNull();
    expect((await staff.infer(photo(1))).faces[0]?.id).toBe('ada');
    expect((await staff.infer(photo(1), { gallery: 'default' })).faces[0]?.id).toBeNull();
    expect(await client.identities.get('ada', { gallery: 'staff' })).toMatchObject({ templates: 1 });
    expect((await client.galleries.list()).map(({ name }) => name)).toEqual(['default', 'staff']);
    await client.galleries.delete('staff');
    expect((await errorOf(client.galleries.get('staff'))).code).toBe('GALLERY_NOT_FOUND');
  });

  it('exports a gallery line by line and imports it from text, bytes and streams', async () => {
    const { client, enrol } = await startClient();
    await enrol('ada', 1);
    await enrol('bob', 2, 3);
    const lines = await Array.fromAsync(client.galleries.export('default'));
    expect(lines).toMatchObject([
      { format: 'face-id gallery' },
      { id: 'ada' },
      { id: 'bob', templates: [{}, {}] },
      { end: { identities: 2, templates: 3 } },
    ]);
    const text = lines.map(line => `${JSON.stringify(line)}\n`).join('');
    async function* parts() {
      yield text.slice(0, 300);
      yield new TextEncoder().encode(text.slice(300));
    }
    const archives = [text, new TextEncoder().encode(text), new Blob([text]), parts()];
    for (const [i, archive] of archives.entries()) {
      await client.galleries.put(`copy-${i}`);
      const imported = await client.galleries.import(`copy-${i}`, archive);
      expect(imported, `${i}`).toMatchObject({ identities: 2, templates: 3, refused_count: 0, complete: true });
    }
    const stream = await client.galleries.exportStream('copy-0');
    await client.galleries.put('last');
    expect(await client.galleries.import('last', stream)).toMatchObject({ identities: 2, complete: true });
  });

  it('says what is installed and whether it is ready, not being ready included', async () => {
    const { client } = await startClient();
    expect(await client.models()).toMatchObject([{ name: 'fake_embedder', active: true }]);
    expect(await client.ready()).toMatchObject({ status: 'ready' });
    const down = { find: () => Promise.reject(), ready: async () => ({ ok: false, reason: 'down' }) as const };
    const { client: other } = await startClient({}, { finder: { ...down, close: async () => {} } });
    expect(await other.ready()).toMatchObject({ status: 'not_ready', checks: { detector: { state: 'missing' } } });
  });

  it("rejects with the service's code, words and request id", async () => {
    const { client } = await startClient();
    const unreadable = await errorOf(client.infer(brokenPhoto('UNREADABLE')));
    expect(unreadable).toMatchObject({
      code: 'UNREADABLE',
      status: 422,
      message: 'the fake photo asks for UNREADABLE',
    });
    expect(unreadable.requestId).toBe(unreadable.problem?.request_id);
    expect(unreadable.requestId).toMatch(/./);
    const wrong = await errorOf(client.infer(photo(1), { top_k: 1000 }));
    expect(wrong.problem?.issues?.[0]?.path).toBe('query.top_k');
    const refused = await errorOf(client.enrol({ id: 1, images: [photo()] }));
    expect(refused).toMatchObject({ code: 'NO_FACE_ENROLLED', problem: { refused: [{ index: 0, code: 'NO_FACE' }] } });
    expect((await errorOf(client.galleries.exportStream('none'))).code).toBe('GALLERY_NOT_FOUND');
  });

  it('offers every route of the document, errors as values', async () => {
    const { client } = await startClient();
    const { data, error } = await client.rest.GET('/identities/{id}', { params: { path: { id: 'ada' } } });
    expect([data, error?.code]).toEqual([undefined, 'UNKNOWN_ID']);
  });

  it('wants an address of http or https that holds no password', () => {
    for (const url of ['localhost:8004', 'ftp://here', 'http://user:secret@here', '']) {
      expect(() => createFaceIdClient({ url }), url).toThrow(FaceIdError);
    }
    expect(createFaceIdClient({ url: 'https://here/face-id//' }).url).toBe('https://here/face-id');
  });
});
