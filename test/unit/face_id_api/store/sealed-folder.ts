import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { createMasterKey, type MasterKey } from '../../../../face_id_api/encryption/master-key.ts';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import type { Gallery, Store } from '../../../../face_id_api/store/store.ts';
import { killedModel, vectorFor } from '../../../regression/face_id_api/killed-enrolment.ts';

export const model = killedModel;
export const people = 60;
/** Faces that are nobody's: one that 0 was said not to be, and an unknown one. */
const [rejected, unknown] = [people, people + 1];
/** Photos whose vectors a filled folder holds. */
export const photos = people + 2;
/** Vectors that it holds: also a person vector for each template. */
export const vectors = people + photos;
export const photo = (person: number): Float32Array => vectorFor(person, 0);
export const keyOf = (byte: number): MasterKey => createMasterKey(new Uint8Array(32).fill(byte));
export const key = keyOf(1);

export type Kept = {
  readonly masterKey?: MasterKey | null;
  readonly rotateVectors?: boolean;
  readonly indexFrom?: number;
};
export const sealed: Kept = { masterKey: key, rotateVectors: true };

export function newDir(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'face-id-sealed-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return path.join(dir, 'data');
}

export function openStore(dataDir: string, options: Kept): Store {
  const store = createLocalStore({ dataDir, model, ...options });
  onTestFinished(() => store.close());
  return store;
}

export const put = (gallery: Gallery, id: number) =>
  gallery.put({ id, mode: 'replace', templates: [{ vector: photo(id), sourceSha256: 'ab', detector: 'mtcnn' }] });

async function teach(gallery: Gallery): Promise<void> {
  await gallery.reject(0, [{ vector: photo(rejected), sourceSha256: 'cd', detector: 'mtcnn' }]);
  await gallery.keepUnknowns([{ vector: photo(unknown), detector: 'mtcnn', seen: '2026-11-30T00:00:00.000Z' }], 10);
}

/** Vectors of the faces that are nobody's, as the model made them. */
export const taught = [photo(rejected), photo(unknown)].map(vector => [...vector]);

/** The same of a folder. */
export async function taughtOf(dataDir: string, options: Kept): Promise<number[][]> {
  const store = openStore(dataDir, options);
  const gallery = store.gallery('default');
  const records = await Array.fromAsync(gallery.export());
  const faces = [...records.flatMap(({ rejections = [] }) => rejections), ...(await gallery.listUnknowns(''))];
  await store.close();
  return faces.map(({ vector }) => [...vector]);
}

/** A folder with `people` in two galleries, and what the first one was taught, closed. */
export async function filled(options: Kept): Promise<string> {
  const dataDir = newDir();
  const store = openStore(dataDir, options);
  await store.createGallery({ name: 'staff', kind: 'face', model });
  for (let id = 0; id < people; id++) await put(store.gallery(id % 2 === 0 ? 'default' : 'staff'), id);
  await teach(store.gallery('default'));
  await vi.waitFor(async () => {
    const ready = await store.ready();
    if (!ready.ok || ready.degraded !== undefined) throw new Error('the index is being made');
  }, 30_000);
  await store.close();
  return dataDir;
}

/** Everybody of a folder by id, with the vector as the model made it. */
export async function everybody(dataDir: string, options: Kept): Promise<Map<number, number[]>> {
  const store = openStore(dataDir, options);
  const found = new Map<number, number[]>();
  for (const { name } of await store.listGalleries()) {
    for await (const { id, templates } of store.gallery(name).export())
      found.set(Number(id), [...templates[0]!.vector]);
  }
  await store.close();
  return found;
}

/** Every file below, one after another; those of them whose names are wanted. */
export function bytesBelow(dataDir: string, wanted: RegExp = /./): Buffer {
  const entries = readdirSync(dataDir, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile() && wanted.test(path.join(entry.parentPath, entry.name)));
  return Buffer.concat(files.map(entry => readFileSync(path.join(entry.parentPath, entry.name))));
}

/** How many photos' vectors are below, in float32 or float16. */
export function plainBelow(dataDir: string, how: (vector: Float32Array) => Float32Array = vector => vector): number {
  const bytes = bytesBelow(dataDir);
  const isThere = (person: number): boolean => {
    const vector = how(photo(person));
    return [vector, Float16Array.from(vector)].some(values => bytes.includes(Buffer.from(values.buffer)));
  };
  return Array.from({ length: photos }, (_, person) => person).filter(isThere).length;
}
