import { describe, expect, it, onTestFinished } from 'vitest';
import { createFaceIdClient } from '../../../../face_id_api/client/index.ts';
import { createServicePair } from '../../../../face_id_api/reembed/service-pair.ts';
import { createStorePair } from '../../../../face_id_api/reembed/store-pair.ts';
import { switchGalleries } from '../../../../face_id_api/reembed/switch-galleries.ts';
import { dimension, vectorOf } from '../../../api/face_id_api/fake-deps.ts';
import { startApi } from '../../../api/face_id_api/start-api.ts';
import { nextCard } from './next-model.ts';

type Model = 'good' | 'bad';

/** Of somebody's nth photo; the bad model takes each second one for that of the next person. */
const vectorBy = (model: Model, who: number, n: number): Float32Array => vectorOf(model === 'good' ? who : who + n);

/** Eight people with two photos each by one model, and the gallery beside by another. */
async function start(before: Model, after: Model, over: string) {
  const { app, deps } = await startApi();
  const { store } = deps;
  const gallery = store.gallery('default');
  for (let who = 0; who < dimension; who++) {
    const templates = [0, 1].map(n => ({
      vector: vectorBy(before, who, n),
      sourceSha256: `${who}-${n}`,
      detector: 'mtcnn',
    }));
    await gallery.put({ id: who, mode: 'append', templates });
  }
  const { name, fingerprint } = nextCard;
  await store.createGallery({ name: 'default--beside', kind: 'face', model: { name, fingerprint, dimension } });
  const records = (await Array.fromAsync(gallery.export())).map(record => ({
    ...record,
    templates: record.templates.map((template, n) => ({
      ...template,
      fingerprint,
      vector: vectorBy(after, Number(record.id), n),
    })),
  }));
  await store.gallery('default--beside').import(records);

  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.server.closeAllConnections());
  const pair =
    over === 'the store itself'
      ? createStorePair(store, 'default')
      : createServicePair(createFaceIdClient({ url }), 'default');
  const { signal } = new AbortController();
  return {
    change: (force = false) => switchGalleries(pair, { force, print: () => {}, signal }),
    model: async () => (await gallery.describe()).model.name,
  };
}

describe.each(['the store itself', 'a service that goes on'])('gallery switch over %s', over => {
  it('goes back to the gallery that served before, also where that is the worse one', async () => {
    const { change, model } = await start('bad', 'good', over);
    for (const served of ['next_embedder', 'fake_embedder', 'next_embedder', 'fake_embedder']) {
      await change();
      expect(await model()).toBe(served);
    }
  });

  it('wants to be forced forward to a worse one, each time anew', async () => {
    const { change, model } = await start('good', 'bad', over);
    for (const _ of [1, 2]) {
      await expect(change()).rejects.toThrow(/The new model is worse.*Nothing is switched; --force would do it/);
      expect(await model()).toBe('fake_embedder');
      await change(true);
      expect(await model()).toBe('next_embedder');
      await change();
      expect(await model()).toBe('fake_embedder');
    }
  });
});
