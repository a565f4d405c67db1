import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../config.ts';
import { startProduct } from './product.ts';
import { samplePhotos, testConfig } from './test-models.ts';

/** A little more than a gallery needs for an index. */
const crowd = 10_200;
const ada = { id: 'erase-me', name: 'Erasable Ada', metadata: { team: 'erasable-engines' } };
const at = '2026-01-31T09:12:44.031Z';

describe('an erasure', () => {
  let config: Config;
  let product: Awaited<ReturnType<typeof startProduct>>;
  let photo: Buffer;
  let vector: Float32Array;

  const everything = (): Buffer[] =>
    readdirSync(config.data_dir, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => readFileSync(path.join(entry.parentPath, entry.name)));
  const vectorsOnDisk = (): { f32: boolean; f16: boolean } => {
    const files = everything();
    const has = (bytes: Buffer): boolean => files.some(file => file.includes(bytes));
    return { f32: has(Buffer.from(vector.buffer)), f16: has(Buffer.from(Float16Array.from(vector).buffer)) };
  };
  const textsOnDisk = (): string[] => {
    const files = everything().map(file => file.toString('latin1').toLowerCase());
    return [ada.id, ada.name.toLowerCase(), ada.metadata.team].filter(text => files.some(file => file.includes(text)));
  };
  const exported = async (): Promise<string> =>
    (await fetch(new URL('/galleries/default/export', product.apiUrl ?? ''))).text();

  beforeAll(async () => {
    config = await testConfig();
    product = await startProduct(config);
    photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
    const { body } = await product.call('POST', '/embeddings', photo);
    vector = Float32Array.from((body.faces[0] as unknown as { embedding: number[] }).embedding);
    const { model } = (await product.call('GET', '/galleries/default')).body;
    const header = { format: 'face-id gallery', version: 1, gallery: 'default', kind: 'face', model, exported_at: at };
    const lines = [header, identity(ada, vector), ...crowdOf(vector.length)].map(line => JSON.stringify(line));
    const reply = await fetch(new URL('/galleries/default/import', product.apiUrl ?? ''), {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    expect(await reply.json()).toMatchObject({ identities: crowd + 1, refused_count: 0 });
    // The index catches up behind the answers, and is saved when the service ends.
    for (let round = 0; round < 20 && !vectorsOnDisk().f16; round++) {
      await product.close();
      product = await startProduct(config);
    }
  }, 120_000);
  afterAll(async () => {
    await product.close();
    await rm(config.data_dir, { recursive: true });
  });

  it('leaves nothing that a search, an export or a reader of the disk could find, and says so in a receipt', async () => {
    // Otherwise nothing would be proved below.
    expect(vectorsOnDisk()).toEqual({ f32: true, f16: true });
    expect(textsOnDisk()).toHaveLength(3);
    expect((await product.infer(photo)).body.faces[0]).toMatchObject({ id: ada.id, decision: 'match' });
    expect(await exported()).toContain(ada.name);

    const { status, body } = await product.call('DELETE', `/identities/${ada.id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      deleted: { identities: 1, templates: 1 },
      receipt: { id_sha256: createHash('sha256').update(`s:${ada.id}`).digest('hex'), identities: 1, templates: 1 },
    });
    const { places } = body.receipt as { places: { place: string; templates: number }[] };
    expect(places).toContainEqual({ place: 'database', templates: 1 });
    expect(places).toContainEqual({ place: 'saved index', templates: 1 });

    for (const restarted of [false, true]) {
      if (restarted) {
        await product.close();
        expect([vectorsOnDisk(), textsOnDisk()], 'stopped').toEqual([{ f32: false, f16: false }, []]);
        product = await startProduct(config);
      }
      expect([vectorsOnDisk(), textsOnDisk()], `restarted: ${restarted}`).toEqual([{ f32: false, f16: false }, []]);
      const faces = (await product.infer(photo, '?top_k=100')).body.faces;
      expect(faces[0]?.decision).toBe('unknown');
      expect(JSON.stringify(faces)).not.toContain(ada.id);
      expect((await product.call('GET', '/identities?name_prefix=erasable')).body.identities).toEqual([]);
      expect((await product.call('GET', '/identities?metadata.team=erasable-engines')).body.identities).toEqual([]);
      expect((await product.call('GET', `/identities/${ada.id}`)).status).toBe(404);
      expect(await exported()).not.toContain(ada.id);
    }
  });
});

function identity(fields: { id: string; name: string | null; metadata: object }, vector: Float32Array): object {
  const template = { id: randomUUID(), vector: Buffer.from(vector.buffer).toString('base64') };
  const templates = [{ ...template, source_sha256: 'ab', detector: 'mtcnn', created: at }];
  return { ...fields, created: at, updated: at, templates };
}

/** Nobody in particular: directions of a linear congruential generator, the same in every run. */
function crowdOf(dimension: number): object[] {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: crowd }, (_, i) => {
    const values = Float64Array.from({ length: dimension }, next);
    const length = Math.hypot(...values);
    const vector = Float32Array.from(values, value => value / length);
    return identity({ id: `person-${i}`, name: null, metadata: {} }, vector);
  });
}
