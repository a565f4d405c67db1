import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import type { Gallery, Store } from '../../../../face_id_api/store/store.ts';
import { killedModel, vectorFor } from '../../../regression/face_id_api/killed-enrolment.ts';

const model = killedModel;
const signal = new AbortController().signal;
const people = 40;

const photo = (person: number): Float32Array => vectorFor(person, 0);

function newDir(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'face-id-index-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return path.join(dir, 'data');
}

function open(dataDir: string, indexFrom = 1) {
  const warnings: string[] = [];
  const logger = { warn: (_: object, message: string) => void warnings.push(message) };
  const store = createLocalStore({ dataDir, model, indexFrom, logger, checkEvery: 1 });
  onTestFinished(() => store.close());
  return { store, gallery: store.gallery('default'), warnings };
}

const put = (gallery: Gallery, id: number, person = id) =>
  gallery.put({ id, mode: 'replace', templates: [{ vector: photo(person), sourceSha256: 'ab', detector: 'mtcnn' }] });

/** A folder whose gallery of `people` has a saved index, closed. */
async function saved(): Promise<string> {
  const dataDir = newDir();
  const { store, gallery } = open(dataDir);
  for (let id = 0; id < people; id++) await put(gallery, id);
  await vi.waitFor(async () => expect(await store.ready()).toEqual({ ok: true }), 30_000);
  await store.close();
  return dataDir;
}

const indexFolder = (dataDir: string): string => path.join(dataDir, 'index');
const indexFiles = (dataDir: string): string[] =>
  readdirSync(indexFolder(dataDir)).map(name => path.join(indexFolder(dataDir), name));
const bytesOf = (vector: Float32Array): Buffer[] => [
  Buffer.from(vector.buffer),
  Buffer.from(Float16Array.from(vector).buffer),
];
/** How often a vector's bytes, in float32 or float16, are in any file below. */
function holds(dataDir: string, person: number): boolean {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const contents = files.map(entry => readFileSync(path.join(entry.parentPath, entry.name)));
  return bytesOf(photo(person)).some(bytes => contents.some(content => content.includes(bytes)));
}

async function expectFound(gallery: Gallery, persons: readonly number[], gone: readonly number[] = []): Promise<void> {
  for (const person of persons) {
    const [found] = await gallery.search([photo(person)], { topK: 1, signal });
    expect(found?.[0]?.id).toBe(person);
    expect(found?.[0]?.score).toBeCloseTo(1, 5);
  }
  for (const person of gone) {
    const [found] = await gallery.search([photo(person)], { topK: people, signal });
    expect(found?.every(({ id, score }) => id !== person && score < 0.9999)).toBe(true);
  }
}

const everybody = Array.from({ length: people }, (_, id) => id);

describe('a saved index', () => {
  it('is one file for its owner alone, and is taken up again', async () => {
    const dataDir = await saved();
    const [file = '', ...others] = indexFiles(dataDir);
    expect(others).toEqual([]);
    expect([statSync(indexFolder(dataDir)).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    const { store, gallery, warnings } = open(dataDir);
    await expectFound(gallery, everybody);
    await store.close();
    expect(warnings).toEqual([]);
    expect(indexFiles(dataDir)).toEqual([file]);
  });

  it.each<[string, (file: string) => void]>([
    ['is lost', file => rmSync(file)],
    ['is cut off', file => writeFileSync(file, readFileSync(file).subarray(0, 500))],
    ['has a byte changed', file => writeFileSync(file, readFileSync(file).fill(0x5a, 600, 601))],
    ['is something else', file => writeFileSync(file, 'nonsense'.repeat(500))],
  ])('is made anew when it %s, and everybody is found meanwhile', async (_, harm) => {
    const dataDir = await saved();
    const [file = ''] = indexFiles(dataDir);
    harm(file);
    const { store, gallery, warnings } = open(dataDir);
    await expectFound(gallery, everybody);
    expect(warnings).toEqual(['the saved index cannot be used and is made anew']);
    await store.close();
    expect(indexFiles(dataDir)).not.toContain(file);
    const again = open(dataDir);
    await expectFound(again.gallery, everybody);
    expect(again.warnings).toEqual([]);
  });

  it('that is older than the database catches up, and loses what was replaced since', async () => {
    const dataDir = await saved();
    const killed = path.join(dataDir, '../killed');
    const { store, gallery } = open(dataDir);
    await put(gallery, people);
    await put(gallery, 3, people + 1);
    // As kill -9 would leave it: the index as it was, the database with its log.
    cpSync(dataDir, killed, { recursive: true });
    await store.close();
    const after = open(killed);
    await expectFound(after.gallery, [...everybody.filter(id => id !== 3), people]);
    expect((await after.gallery.search([photo(people + 1)], { topK: 1, signal }))[0]?.[0]?.id).toBe(3);
    expect((await after.gallery.search([photo(3)], { topK: 1, signal }))[0]?.[0]?.score).toBeLessThan(0.999);
    expect(after.warnings).toEqual([]);
    await after.store.close();
    expect(holds(killed, 3)).toBe(false);
    expect(holds(killed, 5)).toBe(true);
  });

  it('that belongs to another state of the database is not used', async () => {
    const dataDir = await saved();
    const backup = path.join(dataDir, '../faces.db');
    cpSync(path.join(dataDir, 'faces.db'), backup);
    const first = open(dataDir);
    await first.gallery.removeAll();
    for (let id = 0; id < people; id++) await put(first.gallery, id, id + people);
    await first.store.close();
    cpSync(backup, path.join(dataDir, 'faces.db'));
    const { gallery } = open(dataDir);
    await expectFound(gallery, everybody);
    for (const file of indexFiles(dataDir)) expect(holds(path.dirname(file), people)).toBe(false);
  });

  it('is left alone by a gallery that has become small', async () => {
    const dataDir = await saved();
    const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
    database.exec('DELETE FROM template WHERE key > 7');
    database.close();
    const { store, gallery, warnings } = open(dataDir, 8);
    await expectFound(gallery, everybody.slice(0, 7));
    await store.close();
    expect(warnings).toEqual([]);
  });
});

describe('an erasure', () => {
  it.each<[string, (store: Store) => Promise<unknown>, number[]]>([
    ['an identity', store => store.gallery('default').remove(7), [7]],
    [
      'a template',
      async store => {
        const [template] = await store.gallery('default').listTemplates(7);
        await store.gallery('default').removeTemplate(7, template!.id);
      },
      [7],
    ],
    ['everybody', store => store.gallery('default').removeAll(), everybody],
    ['the gallery', store => store.deleteGallery('default'), everybody],
  ])('of %s leaves no byte of a vector on the disk, in the database or in a saved index', async (_, erase, gone) => {
    const dataDir = await saved();
    for (const person of gone) expect(holds(dataDir, person)).toBe(true);
    const { store, gallery } = open(dataDir);
    await gallery.describe();
    await erase(store);
    for (const person of gone) expect(holds(dataDir, person)).toBe(false);
    await expectFound(
      gallery,
      everybody.filter(person => !gone.includes(person)),
      gone,
    );
    await store.close();
    for (const person of gone) expect(holds(dataDir, person)).toBe(false);
    await expectFound(
      open(dataDir).gallery,
      everybody.filter(person => !gone.includes(person)),
      gone,
    );
  });

  it('that a kill cut off is finished by the next start', async () => {
    const dataDir = await saved();
    const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
    database.exec("UPDATE gallery SET name = '#' || key, index_file = NULL");
    database.close();
    const { store, gallery } = open(dataDir);
    expect(await gallery.describe()).toMatchObject({ name: 'default', identities: 0 });
    expect(await store.listGalleries()).toHaveLength(1);
    for (const person of everybody) expect(holds(dataDir, person)).toBe(false);
  });
});

describe('readiness', () => {
  it('is degraded while the index lacks more than a scan is quick for, and search is exact', async () => {
    const dataDir = newDir();
    const { store, gallery } = open(dataDir, 8);
    const templates = everybody.map(person => ({ vector: photo(person), sourceSha256: 'ab', detector: 'mtcnn' }));
    await gallery.put({ id: 'all', mode: 'append', templates });
    // In the same turn: nothing can have been indexed yet.
    expect(await store.ready()).toEqual({
      ok: true,
      degraded: "gallery 'default': the index lacks 40 templates, which are scanned one by one",
    });
    expect((await gallery.search([photo(39)], { topK: 1, signal }))[0]?.[0]?.score).toBeCloseTo(1, 5);
    await vi.waitFor(async () => expect(await store.ready()).toEqual({ ok: true }), 30_000);
  });

  it('is not given while a saved index is read', async () => {
    const dataDir = await saved();
    const { store, gallery } = open(dataDir);
    expect(await store.ready()).toEqual({ ok: false, reason: "gallery 'default': it is being read" });
    await gallery.describe();
    expect(await store.ready()).toEqual({ ok: true });
  });
});

it('searches of an index are repeated exactly, beside others', async () => {
  const { store, gallery } = open(await saved());
  await expectFound(gallery, everybody.slice(0, 10));
  await vi.waitFor(() => expect(store.recall()).toEqual({ checked: 10, found: 10 }), 30_000);
});
