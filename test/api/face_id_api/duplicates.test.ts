import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { base64, fakeFinder, noisyPhoto, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

type Pair = { a: { id: unknown }; b: { id: unknown }; score: number; confidence: number };

async function start(options: Parameters<typeof startApi>[0] = {}) {
  const api = await startApi(options);
  const { app, deps } = api;
  const list = async (query = '') => (await app.inject(`/duplicates${query}`)).json();
  const pairs = async (query = '') => (await list(query)).pairs.map(({ a, b }: Pair) => [a.id, b.id]);
  const post = async (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
  /** Who is enrolled as `id`, by axis and turn. */
  const enrolTurned = (id: string | number, who: number, noise: number) =>
    deps.store.gallery('default').put({
      id,
      mode: 'append',
      templates: [{ vector: vectorOf(who, noise), sourceSha256: `${noise}`, detector: 'mtcnn' }],
    });
  return { ...api, list, pairs, post, enrolTurned };
}

describe('GET /duplicates', () => {
  it('names every pair that may be one person once, the most alike first, with both identities', async () => {
    const { list, enrolTurned, deps } = await start();
    await enrolTurned(7, 1, 0);
    await enrolTurned('b', 1, 60);
    await enrolTurned('c', 1, 20);
    await enrolTurned('far', 5, 0);
    await deps.store.gallery('default').update('b', { name: 'Bob' });
    const page = await list();
    expect(page.pairs.map(({ a, b }: Pair) => [a.id, b.id])).toEqual([
      [7, 'c'],
      ['b', 'c'],
      [7, 'b'],
    ]);
    expect(page.pairs[1].a).toMatchObject({ id: 'b', name: 'Bob', templates: 1 });
    expect(page.pairs[0].score).toBeCloseTo(Math.cos(((20 / 255) * Math.PI) / 2), 5);
    expect(page.pairs[0].confidence).toBeGreaterThan(0.99);
    expect(page).toMatchObject({ looked: 4, next: null, rule: { threshold: 0.8, fmr: 0.001 } });
  });

  it('names nobody whose consent has expired', async () => {
    const { pairs, enrolTurned, deps } = await start();
    for (const id of ['a', 'b', 'c']) await enrolTurned(id, 1, 0);
    const gallery = deps.store.gallery('default');
    const consent = { purpose: 'door', given: '2026-01-01T00:00:00Z', expires: '2026-01-02T00:00:00Z' };
    await gallery.update('b', { consent });
    expect(await pairs()).toEqual([['a', 'c']]);
    await gallery.update('a', { consent });
    expect(await pairs()).toEqual([]);
  });

  it('compares with the threshold that it is given, and knows measured rates', async () => {
    const { pairs, list, enrolTurned } = await start();
    await enrolTurned('a', 1, 0);
    await enrolTurned('b', 1, 128);
    expect(await pairs()).toEqual([]);
    expect(await pairs('?threshold=0.7')).toEqual([['a', 'b']]);
    expect(await pairs('?fmr=0.01')).toEqual([['a', 'b']]);
    expect(await list('?fmr=0.05')).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await list('?fmr=0.01&threshold=0.5')).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await list('?after=nonsense')).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await list('?gallery=none')).toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  });

  it('goes on where a page ended, and brings each pair once', async () => {
    const { list, enrolTurned } = await start();
    // Forty people, each enrolled twice, one after the other in the order of ids.
    for (let i = 0; i < 40; i++) {
      const angle = (i % 5) * 50;
      for (const twin of ['x', 'y']) await enrolTurned(`${100 + i}-${twin}`, (i / 5) | 0, angle);
    }
    const seen: string[] = [];
    let pages = 0;
    for (let after = ''; ; pages++) {
      const page = await list(`?limit=5&threshold=0.999${after}`);
      for (const { a, b } of page.pairs) seen.push(`${a.id} ${b.id}`);
      if (page.next === null) break;
      after = `&after=${page.next}`;
    }
    expect(pages).toBeGreaterThan(5);
    expect(seen.sort()).toEqual(Array.from({ length: 40 }, (_, i) => `${100 + i}-x ${100 + i}-y`));
  });

  it('lists a pair no more that is told apart, until that is taken back', async () => {
    const { pairs, post, enrolTurned } = await start();
    await enrolTurned(7, 1, 0);
    await enrolTurned('7', 1, 10);
    const pair = { a: '7', b: 7 };
    expect(await pairs()).toEqual([[7, '7']]);
    expect((await post('/duplicates/dismiss', pair)).json()).toEqual({ ...pair, distinct: true });
    expect(await pairs()).toEqual([]);
    expect((await post('/duplicates/restore', pair)).json()).toEqual({ ...pair, distinct: false });
    expect(await pairs()).toEqual([[7, '7']]);
    await post('/identities/7/merge', { from: '7' });
    expect(await pairs()).toEqual([]);
  });

  it('passes over an identity that is known not to be this face', async () => {
    const { pairs, post, enrolTurned } = await start();
    await enrolTurned('a', 3, 80);
    await enrolTurned('b', 3, 0);
    expect(await pairs()).toEqual([['a', 'b']]);
    await post('/identities/b/rejections', { image: base64(noisyPhoto(3, 79)) });
    expect(await pairs()).toEqual([]);
  });

  it('refuses to tell apart who is nobody, or the same', async () => {
    const { post, enrolTurned } = await start();
    await enrolTurned('a', 1, 0);
    const dismiss = async (a: unknown, b: unknown) => (await post('/duplicates/dismiss', { a, b })).json();
    expect(await dismiss('a', 'eve')).toMatchObject({ status: 404, code: 'UNKNOWN_ID' });
    expect(await dismiss('a', 'a')).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(await dismiss('a', null)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });

  it('says so while the detector, whose threshold it needs, does not answer', async () => {
    const away = fakeFinder({ ready: async () => ({ ok: false, reason: 'the detector does not answer' }) });
    const { list } = await start({ finder: away });
    expect(await list()).toMatchObject({ status: 503, code: 'DEPENDENCY_DOWN' });
  });

  it('passes on what its store refuses', async () => {
    const { list, deps } = await start();
    const gallery = deps.store.gallery;
    deps.store.gallery = name => ({
      ...gallery(name),
      people: () => Promise.reject(new ServiceError('STORAGE_FAILED', 'no disk')),
    });
    expect(await list()).toMatchObject({ status: 507, code: 'STORAGE_FAILED', title: 'The store failed' });
  });
});
