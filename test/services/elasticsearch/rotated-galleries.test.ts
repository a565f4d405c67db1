import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { EncryptionConfig } from '../../../face_id_api/config.ts';
import { storeConfig } from '../../../face_id_api/config.ts';
import { createEncryptionCommand } from '../../../face_id_api/encryption/encryption-command.ts';
import { createGalleryRotations } from '../../../face_id_api/encryption/gallery-rotations.ts';
import { createMasterKey } from '../../../face_id_api/encryption/master-key.ts';
import type { Store } from '../../../face_id_api/store/store.ts';
import { at, model, signal, templates } from '../../contract/face_id_api/store.ts';
import { tempFolder } from '../../unit/triton/build/temp-folder.ts';
import { openStore, removeIndexes } from './open-store.ts';
import { type RunningElasticsearch, startRealElasticsearch } from './start-real-elasticsearch.ts';

const real = inject('realElasticsearch');
const missing = 'missing' in real ? ` (skipped: ${real.missing})` : '';
const hex = (byte: number): string => Buffer.alloc(32, byte).toString('hex');
const keyOf = (byte: number) => createMasterKey(Buffer.from(hex(byte), 'hex'));

describe.skipIf('missing' in real)(`rotated galleries in Elasticsearch${missing}`, () => {
  let server: RunningElasticsearch;
  let prefix = '';
  let count = 0;

  beforeAll(async () => {
    if ('run' in real) server = await startRealElasticsearch(real.run);
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    prefix = `rotated-${++count}`;
  });
  afterEach(() => removeIndexes(server.url, prefix));

  /** With a store whose configuration names the key of these bytes, or none. */
  async function withStore<T>(byte: number | null, work: (store: Store) => Promise<T>): Promise<T> {
    const rotations = createGalleryRotations(byte === null ? null : keyOf(byte), byte !== null);
    const store = openStore(server.url, { prefix, model, rotations });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  const fill = (byte: number | null) =>
    withStore(byte, async store => {
      await store.createGallery({ name: 'staff', kind: 'face', model });
      for (let id = 0; id < 20; id++) {
        const gallery = store.gallery(id % 2 === 0 ? 'default' : 'staff');
        await gallery.put({
          id,
          mode: 'replace',
          templates: templates(at(id * 9), at(id * 9 + 3)),
          fields: { name: `n${id}` },
        });
      }
      const gallery = store.gallery('default');
      const face = { vector: at(30), sourceSha256: 'rejected', detector: 'mtcnn' };
      await gallery.reject(0, [face]);
      await gallery.setDistinct(0, 2, true);
      await gallery.keepUnknowns([{ vector: at(200), detector: 'mtcnn', seen: '2026-11-30T00:00:00.000Z' }], 10);
    });

  async function command(byte: number, ...args: string[]): Promise<string> {
    const lines: string[] = [];
    const config: EncryptionConfig = { key: hex(byte), key_file: null, rotate_vectors: true };
    const store = storeConfig.parse({ kind: 'elasticsearch', urls: [server.url], prefix, timeout_ms: 60_000 });
    const program = createEncryptionCommand({
      config: async () => ({ encryption: config, store, data_dir: await tempFolder() }),
      print: line => lines.push(line),
    });
    await program.parseAsync(args, { from: 'user' });
    return lines.join('\n');
  }

  /** Every vector that Elasticsearch holds, as text. */
  async function held(): Promise<string> {
    const indexes = `${server.url}/${prefix}.data.*,${prefix}.unknowns`;
    await fetch(`${indexes}/_refresh`, { method: 'POST' });
    const query = { size: 1000, _source: { exclude_vectors: false } };
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(query) };
    const text = await (await fetch(`${indexes}/_search`, request)).text();
    // Vectors of unknown faces are kept as base64.
    return text.replaceAll(/"vector":"([^"]+)"/g, (_, base64: string) => {
      const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
      return `"vector":[${new Float32Array(bytes.buffer)}]`;
    });
  }

  const expectEverybody = (byte: number | null) =>
    withStore(byte, async store => {
      for (let id = 0; id < 20; id++) {
        const gallery = store.gallery(id % 2 === 0 ? 'default' : 'staff');
        const [found] = await gallery.search([at(id * 9 + 1)], { topK: 1, signal });
        expect(found?.[0]).toMatchObject({ id, score: expect.closeTo(Math.cos(Math.PI / 180), 5) });
        expect(await gallery.get(id)).toMatchObject({ name: `n${id}`, templates: 2 });
      }
      const gallery = store.gallery('default');
      const [zero] = await Array.fromAsync(gallery.export());
      const unknowns = await gallery.listUnknowns('');
      expect([zero?.rejections?.length, unknowns.length]).toEqual([1, 1]);
      for (const [i, value] of at(30).entries()) expect(zero!.rejections![0]!.vector[i]).toBeCloseTo(value, 5);
      for (const [i, value] of at(200).entries()) expect(unknowns[0]!.vector[i]).toBeCloseTo(value, 5);
      const [near] = await gallery.search([at(30)], { topK: 10, signal });
      expect(near?.find(({ id }) => id === 0)?.rejection).toBeCloseTo(1, 5);
      expect(await gallery.listDistinct(2)).toEqual([0]);
      for await (const { id, templates: kept } of store.gallery('staff').export()) {
        for (const [i, value] of at(Number(id) * 9).entries()) expect(kept[0]!.vector[i]).toBeCloseTo(value, 5);
      }
    });

  it('hold no vector as the model made it', async () => {
    await fill(1);
    // The plane of the test's vectors is the first two axes: in plain the other values are 0.
    expect(await held()).not.toMatch(/\[[-\d.]+,[-\d.E]+,0(\.0)?,0(\.0)?\]/);
    await expectEverybody(1);
  });

  it('are compared under their own key alone', async () => {
    await fill(1);
    for (const [byte, reason] of [
      [2, /does not open/],
      [null, /set encryption\.key_file/],
    ] as const) {
      await withStore(byte, async store => {
        const refused = { code: 'STORAGE_FAILED', message: expect.stringMatching(reason) };
        const gallery = store.gallery('default');
        await expect(gallery.search([at(0)], { topK: 1, signal })).rejects.toMatchObject(refused);
        const enrolment = { id: 'x', mode: 'append', templates: templates(at(0)) } as const;
        await expect(gallery.put(enrolment)).rejects.toMatchObject(refused);
        await expect(Array.fromAsync(gallery.export())).rejects.toMatchObject(refused);
        expect(await store.ready()).toMatchObject({ ok: false, reason: refused.message });
      });
    }
    await expectEverybody(1);
  });

  it('are made of plain ones, given another key, turned anew and brought back, with everybody in them', async () => {
    await fill(null);
    expect(await held()).toMatch(/\[[-\d.]+,[-\d.E]+,0(\.0)?,0(\.0)?\]/);
    await withStore(1, async store => {
      expect(await store.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('encryption on') });
    });
    expect(await command(1, 'on')).toMatch(/^42 vectors were rewritten; rotated anew: default, staff/);
    expect(await held()).not.toMatch(/\[[-\d.]+,[-\d.E]+,0(\.0)?,0(\.0)?\]/);
    await expectEverybody(1);
    expect(await command(1, 'on')).toMatch(/^No vector had to be rewritten/);

    const file = path.join(await tempFolder(), 'next.key');
    await writeFile(file, hex(2), { mode: 0o600 });
    const before = await held();
    expect(await command(1, 'rotate', '--new-key-file', file)).toMatch(/^No vector had to be rewritten/);
    expect(JSON.parse(await held()).hits.hits).toEqual(JSON.parse(before).hits.hits);
    await expectEverybody(2);
    // As after a kill in the middle of it: what is under the new key already stays so.
    expect(await command(1, 'rotate', '--new-key-file', file)).toContain(keyOf(2).id);
    await expectEverybody(2);

    expect(await command(2, 'rotate', '--renew')).toMatch(/^42 vectors were rewritten/);
    await expectEverybody(2);
    await expect(command(3, 'off')).rejects.toThrow(/does not open/);
    expect(await command(2, 'off')).toMatch(/^42 vectors were rewritten/);
    await expectEverybody(null);
  });

  it('go on where a conversion was killed: neither its block nor its half index is left in the way', async () => {
    await fill(null);
    const [old = ''] = Object.keys(
      (await (await fetch(`${server.url}/_alias/${prefix}.gallery.staff`)).json()) as object,
    );
    const half = old.replace(/\d+$/, number => String(Number(number) + 1));
    await fetch(`${server.url}/${half}`, { method: 'PUT' });
    const left = { id: 'left', index: half, vector: 'AAAAAA==', detector: 'mtcnn', seen: '2026' };
    await fetch(`${server.url}/${prefix}.unknowns/_doc/${encodeURIComponent(`${half}/left`)}?refresh=true`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(left),
    });
    await fetch(`${server.url}/${old}/_block/write`, { method: 'PUT' });
    expect(await command(1, 'on')).toMatch(/^42 vectors were rewritten/);
    await expectEverybody(1);
    await withStore(1, async store => {
      expect(await store.gallery('staff').listUnknowns('')).toEqual([]);
      await store.gallery('staff').put({ id: 'new', mode: 'append', templates: templates(at(0)) });
    });
  });
});
