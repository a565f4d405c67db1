import { onTestFinished } from 'vitest';
import { buildApiApp } from '../../../face_id_api/app.ts';
import type { IdentityId } from '../../../face_id_api/core/identity-id.ts';
import { base64, type FakeOptions, fakeDeps, vectorOf } from './fake-deps.ts';

/** The API over fakes, with its requests in short; closed when the test ends. */
export async function startApi(options: FakeOptions = {}) {
  const deps = fakeDeps(options);
  const app = await buildApiApp(deps);
  onTestFinished(async () => {
    await app.close();
    await deps.store.close();
  });
  return {
    app,
    deps,
    // async, because inject alone starts nothing before somebody waits for it.
    infer: async (image: Buffer, query = '') =>
      app.inject({ method: 'POST', url: `/infer${query}`, payload: { image: base64(image) } }),
    generate: async (payload: object, query = '') => app.inject({ method: 'POST', url: `/generate${query}`, payload }),
    /** Straight into the store: one template per axis. */
    enrol: (id: IdentityId, ...who: number[]) =>
      deps.store.gallery('default').put({
        id,
        mode: 'append',
        templates: who.map(one => ({ vector: vectorOf(one), sourceSha256: 'x', detector: 'mtcnn' })),
      }),
  };
}
