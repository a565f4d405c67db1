import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { memoryFileProblem } from '../../../../face_id_api/encryption/memory-file.ts';
import { StartError } from '../../../../face_id_api/start-error.ts';
import { inspectDatabase } from '../../../../face_id_api/store/inspect-database.ts';
import { sealedColumns } from '../../../../face_id_api/store/sealed-columns.ts';
import type { Gallery, Store } from '../../../../face_id_api/store/store.ts';
import {
  bytesBelow,
  everybody,
  filled,
  type Kept,
  key,
  keyOf,
  newDir,
  openStore,
  people,
  photo,
  photos,
  plainBelow,
  put,
  sealed,
} from './sealed-folder.ts';

const signal = new AbortController().signal;

function edit(dataDir: string, sql: string): void {
  const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
  database.exec(sql);
  database.close();
}

async function refusalOf(dataDir: string, options: Kept): Promise<string> {
  const before = bytesBelow(dataDir);
  let message = 'it was opened';
  try {
    openStore(dataDir, options);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    message = (error as Error).message;
  }
  expect(bytesBelow(dataDir).equals(before)).toBe(true);
  return message;
}

describe('an encrypted local store', () => {
  it.each([
    ['encrypted', { masterKey: key }],
    ['encrypted and rotated', sealed],
    ['encrypted and rotated, with a saved index', { ...sealed, indexFrom: 1 }],
  ])('holds no vector in plain while it is open or closed, %s', async (_, options) => {
    const dataDir = await filled(options);
    expect(plainBelow(dataDir)).toBe(0);
    if ('indexFrom' in options && memoryFileProblem() === null) {
      expect(readdirSync(path.join(dataDir, 'index'))).toHaveLength(2);
    }
    const store = openStore(dataDir, options);
    await put(store.gallery('default'), 0);
    expect(plainBelow(dataDir)).toBe(0);
    const [found] = await store.gallery('staff').search([photo(7)], { topK: 1, signal });
    expect(found?.[0]).toMatchObject({ id: 7, score: expect.closeTo(1, 5) });
    await store.close();
    expect((await everybody(dataDir, options)).size).toBe(people);
  });

  it.each<[string, (gallery: Gallery, store: Store) => Promise<unknown>]>([
    ['an identity is erased', gallery => gallery.remove(7)],
    [
      'one without templates is',
      async gallery => {
        const templates = await gallery.listTemplates(7);
        await gallery.move({ from: 7, to: 9, toNew: false, templates: templates.map(({ id }) => id) });
        await gallery.search([photo(7)], { topK: 5, by: 'person', signal });
        await gallery.remove(7);
      },
    ],
    ['two are merged', gallery => gallery.merge(7, 9)],
    ['a photo is replaced', gallery => put(gallery, 7)],
    [
      'everybody is erased, under a search',
      gallery => Promise.all([gallery.search([photo(7), photo(8)], { topK: 9, signal }), gallery.removeAll()]),
    ],
    ['the gallery is', (_, store) => store.deleteGallery('staff')],
  ])('keeps nothing of what searches have opened once %s', async (_, erase) => {
    const set = vi.spyOn(LRUCache.prototype, 'set');
    onTestFinished(() => set.mockRestore());
    const store = openStore(await filled(sealed), { ...sealed, indexFrom: 1 });
    const gallery = store.gallery('staff');
    await vi.waitFor(async () => expect(await store.ready()).toEqual({ ok: true }), 30_000);
    for (const by of ['template', 'person'] as const) await gallery.search([photo(7)], { topK: 5, by, signal });
    const opened = set.mock.contexts[0] as LRUCache<string, object>;
    expect(opened.size).toBeGreaterThan(5);
    await erase(gallery, store);
    expect(opened.size).toBe(0);
  });

  it('does find a plain vector where there is one: the search above can fail', async () => {
    expect(plainBelow(await filled({}))).toBe(photos);
    expect(plainBelow(await filled({ indexFrom: 1 }))).toBe(photos);
  });

  it('takes up the index that it saved, unless a bit of it was changed', async () => {
    if (memoryFileProblem() !== null) return;
    const options = { ...sealed, indexFrom: 1 };
    const dataDir = await filled(options);
    const folder = path.join(dataDir, 'index');
    const before = readdirSync(folder).sort();
    const store = openStore(dataDir, options);
    await store.gallery('default').describe();
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(before);
    for (const name of before) {
      const bytes = readFileSync(path.join(folder, name));
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(path.join(folder, name), bytes);
    }
    const again = openStore(dataDir, options);
    const [found] = await again.gallery('default').search([photo(8)], { topK: 1, signal });
    expect(found?.[0]).toMatchObject({ id: 8, score: expect.closeTo(1, 5) });
    await again.close();
    expect(readdirSync(folder).some(name => before.includes(name))).toBe(false);
  });

  it('is opened by its own key alone, and left as it is by any other and by none', async () => {
    const dataDir = await filled(sealed);
    expect(await refusalOf(dataDir, { ...sealed, masterKey: keyOf(2) })).toMatch(
      new RegExp(`under key ${key.id}, which the configured key ${keyOf(2).id} does not open`),
    );
    expect(await refusalOf(dataDir, {})).toMatch(/set encryption\.key_file/);
    expect((await everybody(dataDir, sealed)).size).toBe(people);
  });

  it('is not made of a plain one by the start, where anybody is enrolled', async () => {
    const dataDir = await filled({});
    expect(await refusalOf(dataDir, { masterKey: key })).toMatch(/not encrypted.*run `face-id gallery encryption on`/);
    expect(plainBelow(dataDir)).toBe(photos);
  });

  it.each([
    [
      'an unknown face',
      (gallery: Gallery) => gallery.keepUnknowns([{ vector: photo(0), detector: 'm', seen: '2026' }], 1),
    ],
    [
      'a rejected face of somebody without templates',
      async (gallery: Gallery) => {
        await put(gallery, 0);
        await gallery.reject(0, [{ vector: photo(1), sourceSha256: 'cd', detector: 'm' }]);
        const [template] = await gallery.listTemplates(0);
        await gallery.removeTemplate(0, template!.id);
      },
    ],
  ])('is not made of a plain one where there is nothing but %s, nor turned', async (_, teach) => {
    const dataDir = newDir();
    const plain = openStore(dataDir, {});
    await teach(plain.gallery('default'));
    await plain.close();
    expect(await refusalOf(dataDir, { masterKey: key })).toMatch(/not encrypted/);
    const kept = newDir();
    const sealedOnly = openStore(kept, { masterKey: key });
    await teach(sealedOnly.gallery('default'));
    await sealedOnly.close();
    expect(await refusalOf(kept, sealed)).toMatch(/not rotated/);
  });

  it('is made of a plain one where nobody is', async () => {
    const dataDir = newDir();
    await openStore(dataDir, {}).close();
    const store = openStore(dataDir, sealed);
    await put(store.gallery('default'), 1);
    await store.close();
    expect(plainBelow(dataDir)).toBe(0);
    expect(inspectDatabase(dataDir)).toMatchObject({ state: 'open', keyId: key.id });
  });

  it('refuses galleries that are not rotated where they are to be, and takes rotated ones where they need not', async () => {
    expect(await refusalOf(await filled({ masterKey: key }), sealed)).toMatch(/not rotated/);
    expect((await everybody(await filled(sealed), { masterKey: key })).size).toBe(people);
  });

  it('turns each gallery by a secret of its own, and an emptied one anew', async () => {
    const dataDir = await filled(sealed);
    const rotations = (): unknown[] => {
      const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
      const found = database.prepare('SELECT rotation FROM gallery ORDER BY name').all();
      database.close();
      return found.map(({ rotation }) => rotation);
    };
    const before = rotations();
    const store = openStore(dataDir, sealed);
    await store.gallery('default').removeAll();
    await store.close();
    const [first, second] = rotations();
    expect(new Set([...before, first]).size).toBe(3);
    expect(second).toBe(before[1]);
  });

  it.each([
    [
      'two templates are exchanged',
      'UPDATE template SET vector = (SELECT vector FROM template WHERE key = 3) WHERE key = 1',
    ],
    [
      'a byte is changed',
      "UPDATE template SET vector = CAST(substr(vector, 1, 20) || x'0000' || substr(vector, 23) AS BLOB) WHERE key = 1",
    ],
    ['one is replaced by a plain one', 'UPDATE template SET vector = zeroblob(64) WHERE key = 1'],
    ['the gallery says that its model is another', "UPDATE gallery SET fingerprint = 'other'"],
  ])('answers nothing from where %s', async (_, sql) => {
    const dataDir = await filled(sealed);
    edit(dataDir, sql);
    const store = openStore(dataDir, sealed);
    const failed = { code: 'STORAGE_FAILED', message: expect.stringContaining('cannot be decrypted') };
    await expect(store.gallery('default').search([photo(0)], { topK: 1, signal })).rejects.toMatchObject(failed);
    expect(await store.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('cannot be decrypted') });
  });

  it('answers nothing by a rejected or an unknown face in the place of which another vector was put', async () => {
    const dataDir = await filled(sealed);
    for (const table of ['rejection', 'unknown_face']) {
      edit(dataDir, `UPDATE ${table} SET vector = (SELECT vector FROM template WHERE key = 3)`);
    }
    const gallery = openStore(dataDir, sealed).gallery('default');
    const failed = { code: 'STORAGE_FAILED', message: expect.stringContaining('cannot be decrypted') };
    await expect(gallery.search([photo(0)], { topK: 1, signal })).rejects.toMatchObject(failed);
    await expect(gallery.listUnknowns('')).rejects.toMatchObject(failed);
  });

  it('leaves no byte of whom it erased, sealed or not', async () => {
    const dataDir = await filled(sealed);
    const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
    const vectorOf = database.prepare('SELECT vector FROM template ORDER BY key LIMIT 1');
    const bytes = Buffer.from(vectorOf.get()?.vector as Uint8Array);
    database.close();
    expect(bytesBelow(dataDir).includes(bytes)).toBe(true);
    const store = openStore(dataDir, sealed);
    await store.gallery('default').remove(0);
    expect(bytesBelow(dataDir).includes(bytes)).toBe(false);
  });
});

it('every column of bytes is one that a conversion rewrites', async () => {
  const dataDir = newDir();
  await openStore(dataDir, {}).close();
  const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
  const columns = database
    .prepare(
      `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND c.type = 'BLOB' ORDER BY 1, 2`,
    )
    .all();
  database.close();
  const listed = sealedColumns.map(({ table, column }) => ({ table, column }));
  expect(columns.map(row => ({ ...row }))).toEqual(listed.sort((a, b) => (a.table < b.table ? -1 : 1)));
});
