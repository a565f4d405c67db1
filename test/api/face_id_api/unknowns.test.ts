import { describe, expect, it } from 'vitest';
import { qualityConfig, retentionConfig, unknownsConfig } from '../../../face_id_api/config.ts';
import { readMetric } from '../read-metric.ts';
import { type FakeOptions, fakeFinder, finePhoto, noisyPhoto, photo, toBytes } from './fake-deps.ts';
import { startApi } from './start-api.ts';

type Cluster = { id: string; size: number };

async function start(unknowns = unknownsConfig.parse({ keep: true }), options: FakeOptions = {}) {
  const api = await startApi({ unknowns, ...options });
  const { app } = api;
  const call = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, ...(payload && { payload }) });
  const list = async (query = '') => (await call('GET', `/unknowns/clusters${query}`)).json();
  const sizes = async (query = '') => (await list(query)).clusters.map(({ size }: Cluster) => size);
  const see = async (...photos: Buffer[]) => {
    for (const one of photos) expect((await api.infer(one)).statusCode).toBe(200);
  };
  const who = async (image: Buffer) => (await api.infer(image)).json().faces[0].id;
  return { ...api, call, list, sizes, see, who };
}

describe('unknown faces', () => {
  it('are kept only where the configuration says so', async () => {
    const { list, see, deps } = await start(unknownsConfig.parse({}));
    await see(photo(1), photo(1));
    expect(await list()).toMatchObject({ clusters: [], faces: 0, keeping: false });
    expect(await deps.store.gallery('default').listUnknowns('')).toEqual([]);
  });

  it('are put into groups that are likely to be one person, the largest first', async () => {
    const { list, see } = await start();
    await see(photo(1), photo(5), noisyPhoto(1, 20), photo(3), noisyPhoto(1, 10), noisyPhoto(5, 5));
    const found = await list();
    expect(found).toMatchObject({ faces: 6, keeping: true, days: 30, rule: { threshold: 0.8, fmr: 0.001 } });
    expect(found.clusters.map(({ size }: Cluster) => size)).toEqual([3, 2]);
    const [first] = found.clusters;
    expect(first.id).toMatch(/^[0-9a-f]{32}$/);
    expect(first.cohesion).toBeGreaterThan(0.98);
    expect(Date.parse(first.first_seen)).toBeLessThanOrEqual(Date.parse(first.last_seen));
    expect((await list('?min_size=1')).clusters).toHaveLength(3);
    expect((await list('?min_size=3')).clusters).toHaveLength(1);
    expect((await list('?threshold=0.9999&min_size=1')).clusters).toHaveLength(6);
  });

  it('are those of the default rule alone: nobody known, not two, nor somebody whom a stricter rule leaves out', async () => {
    const { list, see, infer, enrol } = await start();
    await enrol('ada', 1);
    await enrol('bob', 2);
    await enrol('eve', 2);
    await see(photo(1), photo(2), photo(4));
    expect((await infer(noisyPhoto(1, 40), '?threshold=1')).json().faces[0].decision).toBe('unknown');
    expect((await infer(photo(5), '?fmr=0.01')).json().faces[0].decision).toBe('unknown');
    expect(await list('?min_size=1')).toMatchObject({ faces: 1 });
  });

  it('include a face for which the nearest is passed over', async () => {
    const { list, see, call, enrol } = await start();
    await enrol('ada', 3);
    await call('POST', '/identities/ada/rejections', { image: noisyPhoto(3, 80).toString('base64') });
    await see(noisyPhoto(3, 82));
    expect(await list()).toMatchObject({ faces: 1 });
  });

  it('are enrolled at once, and are known from then on', async () => {
    const { call, list, see, who } = await start();
    await see(photo(1), noisyPhoto(1, 10), photo(5));
    const [{ id }] = (await list()).clusters;
    const reply = await call('POST', `/unknowns/clusters/${id}/enrol`, { id: 2576, name: 'Ann Lee' });
    expect(reply.json()).toEqual({ id: 2576, enrolled: 2, faces: 2, templates: 2 });
    expect((await call('GET', '/identities/2576')).json()).toMatchObject({ name: 'Ann Lee', templates: 2 });
    expect(await who(noisyPhoto(1, 5))).toBe(2576);
    expect(await list('?min_size=1')).toMatchObject({ faces: 1 });
    const again = await call('POST', `/unknowns/clusters/${id}/enrol`, { id: 2577 });
    expect(again.json()).toMatchObject({ status: 404, code: 'CLUSTER_NOT_FOUND' });
  });

  it('are enrolled with a consent, where the service wants one', async () => {
    const { call, list, see } = await start(undefined, { retention: retentionConfig.parse({ require_consent: true }) });
    await see(photo(1), photo(1));
    const [{ id }] = (await list()).clusters;
    const refused = await call('POST', `/unknowns/clusters/${id}/enrol`, { id: 'ann' });
    expect(refused.json()).toMatchObject({ status: 422, code: 'CONSENT_REQUIRED' });
    const consent = { purpose: 'door', given: '2026-01-01T00:00:00Z', expires: null };
    const reply = await call('POST', `/unknowns/clusters/${id}/enrol`, { id: 'ann', consent });
    expect(reply.json()).toMatchObject({ enrolled: 2 });
    expect((await call('GET', '/identities/ann')).json()).toMatchObject({ consent });
  });

  it('become at most so many templates as are wanted, those that differ most; the others go', async () => {
    const { call, list, see, deps } = await start();
    await see(...[0, 1, 2, 3, 40].map(noise => noisyPhoto(1, noise)));
    const [{ id, size }] = (await list()).clusters;
    expect(size).toBe(5);
    const reply = await call('POST', `/unknowns/clusters/${id}/enrol`, { id: 'ann', templates: 2 });
    expect(reply.json()).toEqual({ id: 'ann', enrolled: 2, faces: 5, templates: 2 });
    expect(await list('?min_size=1')).toMatchObject({ faces: 0 });
    const [record] = await Array.fromAsync(deps.store.gallery('default').export());
    const turns = record?.templates.map(({ vector }) => Math.round((Math.asin(vector[2]!) / Math.PI) * 510));
    expect(turns?.toSorted((a, b) => a - b).at(-1)).toBe(40);
  });

  it('are meant as they were listed, also when others came since', async () => {
    const { call, list, see } = await start();
    await see(photo(1), photo(1));
    const [{ id }] = (await list()).clusters;
    await see(noisyPhoto(1, 10));
    const reply = await call('POST', `/unknowns/clusters/${id}/enrol`, { id: 'ann' });
    expect(reply.json()).toMatchObject({ faces: 2, enrolled: 2 });
  });

  it('are refused as a group that was never listed', async () => {
    const { call, see } = await start();
    await see(photo(1), photo(1));
    const body = { id: 'ann' };
    const unknown = await call('POST', `/unknowns/clusters/${'0'.repeat(32)}/enrol`, body);
    expect(unknown.json()).toMatchObject({ status: 404, code: 'CLUSTER_NOT_FOUND' });
    expect((await call('POST', '/unknowns/clusters/x/enrol', body)).json()).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await call('DELETE', `/unknowns/clusters/${'0'.repeat(32)}`)).json()).toMatchObject({
      code: 'CLUSTER_NOT_FOUND',
    });
  });

  it('are erased as a group or all, with a receipt', async () => {
    const { call, list, sizes, see } = await start();
    await see(photo(1), photo(1), photo(5), photo(5), photo(5));
    const [, { id }] = (await list()).clusters;
    const one = (await call('DELETE', `/unknowns/clusters/${id}`)).json();
    expect(one).toMatchObject({
      deleted: { identities: 0, templates: 2 },
      receipt: { subject: 'unknowns', gallery: 'default', id_sha256: null, templates: 2 },
    });
    expect(await sizes()).toEqual([3]);
    await see(photo(6));
    expect((await call('DELETE', '/unknowns')).json()).toMatchObject({ code: 'CONFIRMATION_REQUIRED' });
    const all = (await call('DELETE', '/unknowns?confirm=all')).json();
    expect(all.deleted).toEqual({ identities: 0, templates: 4 });
    expect(await list()).toMatchObject({ faces: 0 });
  });

  it.each(['/identities?confirm=all', '/galleries/default?confirm=all'])(
    'are gone after DELETE %s, also those that were not written yet',
    async url => {
      const { call, list, see } = await start();
      await see(photo(1), photo(1));
      expect(await list()).toMatchObject({ faces: 2 });
      await see(photo(1));
      const { receipt } = (await call('DELETE', url)).json();
      expect(receipt.places).toContainEqual({ place: 'unknown faces in the database', templates: 2 });
      expect(await list()).toMatchObject({ faces: 0 });
    },
  );

  it('stay in their gallery, of which the oldest go beyond the most', async () => {
    const { deps, list, infer } = await start(unknownsConfig.parse({ keep: true, max: 3 }));
    await deps.store.createGallery({ name: 'team', kind: 'face', model: deps.embedder.model });
    for (const who of [1, 2, 3, 4]) {
      await infer(photo(who));
      // Written, so that there is an order of time.
      await list();
    }
    await infer(photo(1), '?gallery=team');
    expect(await list('?min_size=1')).toMatchObject({ faces: 3 });
    expect(await list('?gallery=team')).toMatchObject({ faces: 1 });
    expect(await list('?gallery=none')).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  });

  it('of one photo are kept each', async () => {
    const { list, see } = await start();
    await see(toBytes({ faces: [{ who: 1 }, { who: 1, noise: 5 }, { who: 4 }] }));
    expect(await list()).toMatchObject({ faces: 3, clusters: [{ size: 2 }] });
  });

  describe('where the gate', () => {
    const gated = (gate: 'off' | 'warn' | 'refuse', options: FakeOptions = {}) =>
      start(undefined, { quality: qualityConfig.parse({ gate }), ...options });
    const fineAndDark = toBytes({ faces: [{ who: 1, fine: true }, { who: 3 }, { who: 5, fine: true }] });

    it('refuses are kept only where they could be enrolled, of a crowd, too', async () => {
      const { list, see, call } = await gated('refuse');
      await see(fineAndDark, photo(3));
      const { faces, clusters } = await list('?min_size=1');
      expect({ faces, sizes: clusters.map(({ size }: Cluster) => size) }).toEqual({ faces: 2, sizes: [1, 1] });
      for (const [i, { id }] of clusters.entries()) {
        expect((await call('POST', `/unknowns/clusters/${id}/enrol`, { id: i })).statusCode).toBe(200);
      }
      await see(photo(3));
      expect(await list()).toMatchObject({ faces: 0 });
    });

    it('refuses are left out where the detector takes something small for a face', async () => {
      const finder = fakeFinder();
      const { list, see } = await gated('refuse', {
        finder: {
          ...finder,
          async find(...asked) {
            const found = await finder.find(...asked);
            const false36: (typeof found.faces)[number] = { ...found.faces[1]!, box: [9, 9, 45, 45], confidence: 0.75 };
            return { ...found, faces: [found.faces[0]!, false36] };
          },
        },
      });
      await see(finePhoto(1, 5));
      expect(await list()).toMatchObject({ faces: 1 });
    });

    it.each(['off', 'warn'] as const)('says %s are kept as they are', async gate => {
      const { list, see } = await gated(gate);
      await see(fineAndDark);
      expect(await list()).toMatchObject({ faces: 3 });
    });

    it('refuses are judged by what the request had measured, and the answer is the same', async () => {
      const { list, infer } = await gated('refuse');
      const measured = (await infer(fineAndDark, '?quality=true')).json();
      expect(await list()).toMatchObject({ faces: 2 });
      const plain = (await infer(fineAndDark)).json();
      expect(await list()).toMatchObject({ faces: 4 });
      for (const face of measured.faces) delete face.quality;
      expect(plain).toEqual(measured);
    });

    it('refuses a poor face can be rejected all the same', async () => {
      const { call, enrol, infer } = await gated('refuse');
      await enrol('ada', 3);
      const image = noisyPhoto(3, 30);
      const reply = await call('POST', '/identities/ada/rejections', { image: image.toString('base64') });
      expect(reply.statusCode).toBeLessThan(300);
      expect((await infer(image)).json().faces[0]).toMatchObject({ decision: 'unknown', rejected: 1 });
    });
  });

  it('are counted, and never named', async () => {
    const { app, list, see } = await start();
    await see(photo(1), photo(2));
    await list();
    expect(readMetric((await app.inject('/metrics')).body, 'face_id_unknown_faces_kept_total')).toBe(2);
  });
});
