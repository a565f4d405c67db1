import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { isolateFace } from '../../../detector/isolate-face.ts';
import { startProduct } from '../../end_to_end/product.ts';
import { samplePhotos, testConfig } from '../../end_to_end/test-models.ts';
import { type RunningElasticsearch, startRealElasticsearch } from './start-real-elasticsearch.ts';

const real = inject('realElasticsearch');
const missing = 'missing' in real ? ` (skipped: ${real.missing})` : '';

describe.skipIf('missing' in real)(`the product with its galleries in Elasticsearch${missing}`, () => {
  let server: RunningElasticsearch;
  let config: Awaited<ReturnType<typeof testConfig>>;
  let product: Awaited<ReturnType<typeof startProduct>>;
  let photo: Buffer;
  let face: Buffer;

  beforeAll(async () => {
    if ('missing' in real) return;
    server = await startRealElasticsearch(real.run);
    config = await testConfig({ store: { kind: 'elasticsearch', urls: [server.url] } });
    product = await startProduct(config);
    photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
    const { faces } = (await product.infer(photo)).body;
    face = await isolateFace(photo, faces[0]!.bounding_box, 0.6);
  });
  afterAll(async () => {
    await product?.close();
    if (config) await rm(config.data_dir, { recursive: true });
    await server?.close();
  });

  const found = async (): Promise<unknown> => (await product.infer(photo)).body.faces[0]?.id;

  it('knows whom it has enrolled, also after a restart, and forgets whom it has deleted', async () => {
    expect(await found()).toBeNull();
    expect((await product.enrol('ada', [face])).status).toBe(200);
    expect(await found()).toBe('ada');
    await product.close();
    product = await startProduct(config);
    expect(await found()).toBe('ada');
    expect((await product.call('GET', '/readyz')).status).toBe(200);
    expect((await product.call('DELETE', '/identities/ada')).status).toBe(200);
    expect(await found()).toBeNull();
  });

  it('starts and answers 503 with Retry-After while the cluster is away, and works once it is back', async () => {
    await product.close();
    await server.stop();
    product = await startProduct(config);
    const away = await fetch(new URL('/infer', product.apiUrl ?? ''), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(photo),
    });
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('5');
    expect(await away.json()).toMatchObject({ code: 'DEPENDENCY_DOWN' });
    expect((await product.call('GET', '/readyz')).status).toBe(503);
    await server.start();
    expect((await product.enrol(7, [face])).status).toBe(200);
    expect(await found()).toBe(7);
  });
});
