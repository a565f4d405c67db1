import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { addedFields, galleryIndexBody } from '../../../face_id_api/store/elasticsearch-mapping.ts';
import type { Gallery, Store } from '../../../face_id_api/store/store.ts';
import { at, model, signal, templates } from '../../contract/face_id_api/store.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { openStore, removeIndexes } from './open-store.ts';
import { type RunningElasticsearch, startRealElasticsearch } from './start-real-elasticsearch.ts';

const real = inject('realElasticsearch');
const missing = 'missing' in real ? ` (skipped: ${real.missing})` : '';

describe.skipIf('missing' in real)(`the store of Elasticsearch beyond its contract${missing}`, () => {
  let server: RunningElasticsearch;
  let count = 0;

  beforeAll(async () => {
    if ('run' in real) server = await startRealElasticsearch(real.run);
  });
  afterAll(() => server?.close());

  const newPrefix = (): string => `beyond-${++count}`;

  function open(prefix: string, given: { url?: string; staleChangeMs?: number; checkEvery?: number } = {}): Store {
    const { url = server.url, ...more } = given;
    const store = openStore(url, { prefix, model, ...more });
    onTestFinished(() => store.close());
    return store;
  }

  async function raw(prefix: string): Promise<string> {
    const found = await fetch(`${server.url}/${prefix}.*/_search?size=1000&_source_exclude_vectors=false`);
    return JSON.stringify(((await found.json()) as { hits: { hits: unknown } }).hits.hits);
  }

  /** Everybody with the first component of each of their templates. */
  const state = async (gallery: Gallery): Promise<[unknown, number[]][]> =>
    (await Array.fromAsync(gallery.export())).map(one => [
      one.id,
      one.templates.map(({ vector }) => vector[0]!).sort(),
    ]);

  it('gives an index of an earlier version the fields that it lacks', async () => {
    const prefix = newPrefix();
    const index = `${prefix}.data.old.fp1.1`;
    const settings = { type: 'int8_hnsw', shards: 1, replicas: 0, refreshInterval: '1s' } as const;
    const body = galleryIndexBody(
      { name: 'old', kind: 'face', model, rotation: null },
      '2026-01-01T00:00:00.000Z',
      settings,
    );
    const known = Object.entries(body.mappings.properties ?? {}).filter(([field]) => !(field in addedFields));
    const mappings = { ...body.mappings, properties: Object.fromEntries(known) };
    const aliases = { [`${prefix}.gallery.old`]: {}, [`${prefix}.write.old.fp1.1`]: {} };
    const made = await fetch(`${server.url}/${index}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, mappings, aliases }),
    });
    expect(made.status).toBe(200);
    const gallery = open(prefix).gallery('old');
    const consent = { purpose: 'door', given: '2026-01-01T00:00:00Z', expires: '2026-01-02T00:00:00Z' };
    await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0)), fields: { consent } });
    await gallery.put({ id: 'b', mode: 'append', templates: templates(at(10)) });
    await gallery.see(new Map([['b', '2026-11-30']]));
    expect(await gallery.get('a')).toMatchObject({ consent, seen: null });
    expect(await gallery.get('b')).toMatchObject({ consent: null, seen: '2026-11-30' });
    expect((await gallery.search([at(0)], { topK: 2, signal }))[0]?.map(({ id }) => id)).toEqual(['b']);
  });

  it('takes what several processes add to one identity at once', async () => {
    const prefix = newPrefix();
    const galleries = [open(prefix), open(prefix)].map(store => store.gallery('default'));
    const puts = Array.from({ length: 12 }, (_, i) =>
      galleries[i % 2]!.put({ id: 'a', mode: 'append', templates: templates(at(i)) }),
    );
    const added = (await Promise.all(puts)).flatMap(put => put.added);
    const held = (await galleries[0]!.listTemplates('a')).map(({ id }) => id);
    expect(held.toSorted()).toEqual(added.toSorted());
  });

  it.each(['merge', 'move', 'import'] as const)('does a %s that is cut off anywhere whole or not at all', async how => {
    const proxy = await startCuttingProxy(server.url);
    onTestFinished(() => proxy.close());
    const prefix = newPrefix();
    const store = open(prefix, { staleChangeMs: 0 });
    const gallery = store.gallery('default');
    const outcomes: string[] = [];
    for (let allowed = 0; outcomes.at(-1) !== 'answered'; allowed++) {
      await gallery.removeAll();
      const { added } = await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0), at(10)) });
      await gallery.put({ id: 'b', mode: 'append', templates: templates(at(20)) });
      const before = await state(gallery);
      const other = (await Array.fromAsync(gallery.export())).map(one => ({
        ...one,
        id: one.id === 'a' ? 'c' : one.id,
        templates: one.templates.map((template, i) => ({ ...template, id: `${allowed}-${one.id}-${i}` })),
      }));
      const cut = openStore(proxy.url, { prefix, model, staleChangeMs: 60_000 });
      proxy.allow(Number.POSITIVE_INFINITY);
      await cut.gallery('default').describe();
      proxy.allow(allowed);
      const work = {
        merge: () => cut.gallery('default').merge('b', 'a'),
        move: () => cut.gallery('default').move({ templates: [added[0]!], from: 'a', to: 'b', toNew: false }),
        import: () => cut.gallery('default').import(other),
      };
      const answer = await work[how]().then(
        () => 'answered',
        error => String(error.code),
      );
      await cut.close();
      const after = {
        merge: [['a', [at(20)[0], at(10)[0], 1].sort()]],
        move: [
          ['a', [at(10)[0]]],
          ['b', [at(20)[0], 1].sort()],
        ],
        import: [...before, ['c', before[0]![1]]],
      }[how];
      const now = await state(open(prefix, { staleChangeMs: 0 }).gallery('default'));
      const isAfter = JSON.stringify(now) === JSON.stringify(after);
      if (!isAfter) expect(now).toEqual(before);
      if (answer === 'answered') expect(isAfter).toBe(true);
      else expect(answer).toBe('DEPENDENCY_DOWN');
      outcomes.push(answer);
    }
    expect(outcomes.length).toBeGreaterThan(3);
  });

  it('leaves nothing of an erased identity in any document, nor brings it back with a change that was cut off', async () => {
    const proxy = await startCuttingProxy(server.url);
    onTestFinished(() => proxy.close());
    const prefix = newPrefix();
    const store = open(prefix, { staleChangeMs: 0 });
    const gallery = store.gallery('default');
    const fields = { name: 'Ada Lovelace', metadata: { badge: 'engine' } };
    for (let allowed = 2; allowed < 5; allowed++) {
      await gallery.put({ id: 'ada', mode: 'replace', templates: templates(at(0)), fields });
      await gallery.put({ id: 'b', mode: 'replace', templates: templates(at(90)) });
      const cut = openStore(proxy.url, { prefix, model });
      proxy.allow(Number.POSITIVE_INFINITY);
      await cut.gallery('default').describe();
      proxy.allow(allowed);
      await expect(cut.gallery('default').merge('ada', 'b')).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' });
      await cut.close();
      const erased = await gallery.remove('ada');
      expect(await gallery.get('ada')).toBeNull();
      // Either it is gone as it was, or it had been merged whole before.
      if (erased.identities === 1) expect(await state(gallery)).toEqual([['b', [at(90)[0]]]]);
      await open(prefix, { staleChangeMs: 0 }).gallery('default').describe();
      expect(await gallery.get('ada')).toBeNull();
      expect(await raw(prefix)).not.toMatch(/s:ada|Lovelace|engine/);
    }
  });

  it('repeats a share of its searches exactly', async () => {
    const store = open(newPrefix(), { checkEvery: 1 });
    const gallery = store.gallery('default');
    for (let i = 0; i < 5; i++) await gallery.put({ id: i, mode: 'append', templates: templates(at(i * 20)) });
    await gallery.search([at(21)], { topK: 1, signal });
    await expect.poll(() => store.recall()).toEqual({ checked: 1, found: 1 });
  });

  it('says that the cluster is away, and goes on when it is back', async () => {
    const store = open(newPrefix());
    const gallery = store.gallery('default');
    await gallery.put({ id: 'a', mode: 'append', templates: templates(at(0)) });
    await server.stop();
    const down = { code: 'DEPENDENCY_DOWN', retryAfterSeconds: 5 };
    await expect(gallery.search([at(0)], { topK: 1, signal })).rejects.toMatchObject(down);
    await expect(gallery.put({ id: 'b', mode: 'append', templates: templates(at(0)) })).rejects.toMatchObject(down);
    expect(await store.ready()).toMatchObject({ ok: false, reason: expect.stringMatching(/does not answer/) });
    const late = open(newPrefix());
    await expect(late.gallery('default').describe()).rejects.toMatchObject(down);
    await server.start();
    expect((await gallery.search([at(0)], { topK: 1, signal }))[0]?.[0]?.id).toBe('a');
    expect(await gallery.put({ id: 'b', mode: 'append', templates: templates(at(0)) })).toMatchObject({ templates: 1 });
    expect(await store.ready()).toEqual({ ok: true });
    expect(await late.ready()).toEqual({ ok: true });
  });

  it('refuses an index that is not laid out as it should be', async () => {
    const prefix = newPrefix();
    onTestFinished(() => removeIndexes(server.url, prefix));
    await fetch(`${server.url}/${prefix}.data.default.fp1.1`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ aliases: { [`${prefix}.gallery.default`]: {} } }),
    });
    const gallery = open(prefix).gallery('default');
    await expect(gallery.describe()).rejects.toThrow(/strict mapping/);
  });
});
