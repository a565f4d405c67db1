import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { besideOf } from '../../../../face_id_api/store/beside-name.ts';
import { createStore } from '../../../../face_id_api/store/create-store.ts';
import type { Store } from '../../../../face_id_api/store/store.ts';
import { carried } from '../../../contract/face_id_api/beside.ts';
import { at, model, otherModel, templates } from '../../../contract/face_id_api/store.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

const beside = besideOf('default');

async function open(dataDir: string): Promise<Store> {
  const encryption = { key: null, key_file: null, rotate_vectors: false };
  const logger = { warn: (_: object, text: string) => expect.fail(text) };
  const store = await createStore({ store: { kind: 'local' }, encryption }, { dataDir, model, logger });
  onTestFinished(() => store.close());
  return store;
}

/** Ada, Grace and Eve in a gallery and beside it; what `change` does reaches the gallery alone, as where a process ends in between. */
async function endedBetween(change: string): Promise<Store> {
  const dataDir = await tempFolder();
  const store = await open(dataDir);
  const gallery = store.gallery('default');
  for (const [i, id] of ['ada', 'grace', 'eve'].entries()) {
    await gallery.put({ id, mode: 'append', templates: templates(at(30 * i), at(30 * i + 5)) });
  }
  await store.createGallery({ name: beside, kind: 'face', model: otherModel });
  await store.gallery(beside).import((await Array.fromAsync(gallery.export())).map(carried));
  await store.close();
  const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
  database.exec(change);
  database.close();
  return await open(dataDir);
}

const inGallery = (id: string): string =>
  `(SELECT i.key FROM identity i JOIN gallery g ON g.key = i.gallery WHERE g.name = 'default' AND i.id = '${id}')`;

const idsBeside = async (store: Store) => (await Array.fromAsync(store.gallery(beside).export())).map(({ id }) => id);

it('erases beside whoever was erased from the gallery by a process that ended then', async () => {
  const store = await endedBetween(`DELETE FROM identity WHERE key = ${inGallery('grace')}`);
  expect(await idsBeside(store)).toEqual(['ada', 'eve']);
});

it('erases beside whose templates had been given to somebody else, so that they go with their owner', async () => {
  const store = await endedBetween(
    `UPDATE template SET identity = ${inGallery('ada')} WHERE identity = ${inGallery('grace')};
     DELETE FROM identity WHERE key = ${inGallery('grace')};`,
  );
  expect(await idsBeside(store)).toEqual(['ada', 'eve']);
});

it('erases beside whoever holds a template there that was moved', async () => {
  const store = await endedBetween(
    `UPDATE template SET identity = ${inGallery('ada')} WHERE key IN
       (SELECT key FROM template WHERE identity = ${inGallery('grace')} LIMIT 1)`,
  );
  expect(await idsBeside(store)).toEqual(['ada', 'eve']);
  expect(await store.compareBeside('default')).toMatchObject({ missing: 1, gone: [] });
});

it('leaves everybody where nothing is between the two', async () => {
  const store = await endedBetween('SELECT 1');
  expect(await idsBeside(store)).toEqual(['ada', 'eve', 'grace']);
});
