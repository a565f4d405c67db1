import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import { galleriesContract } from './galleries.ts';
import { identitiesContract } from './identities.ts';
import { model, type StoreHome, storeContract } from './store.ts';
import { storeModelContract } from './store-model.ts';
import { teachingContract } from './teaching.ts';

/** A folder of the local store; with `indexFrom` templates a gallery gets an index. */
async function folder(indexFrom?: number): Promise<StoreHome> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'face-id-store-'));
  const index = indexFrom === undefined ? {} : { indexFrom };
  return {
    open: async (as = model) => createLocalStore({ dataDir, model: as, ...index }),
    drop: () => rm(dataDir, { recursive: true }),
  };
}

const homes = [
  { name: 'the local store', makeHome: () => folder(), keeps: true },
  { name: 'the local store with an index from the first template on', makeHome: () => folder(1), keeps: true },
  {
    name: 'the local store in memory',
    makeHome: async () => ({
      open: async (as = model) => createLocalStore({ dataDir: ':memory:', model: as }),
      drop: async () => {},
    }),
    keeps: false,
  },
];

for (const { name, makeHome, keeps } of homes) {
  storeContract(name, makeHome, { keeps });
  identitiesContract(name, makeHome);
  galleriesContract(name, makeHome, { keeps });
  storeModelContract(name, makeHome, { keeps });
  teachingContract(name, makeHome, { keeps });
}
