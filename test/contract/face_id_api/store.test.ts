import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createMasterKey } from '../../../face_id_api/encryption/master-key.ts';
import { createLocalStore, type LocalStoreOptions } from '../../../face_id_api/store/local-store.ts';
import { besideContract } from './beside.ts';
import { consentContract } from './consent.ts';
import { galleriesContract } from './galleries.ts';
import { identitiesContract } from './identities.ts';
import { model, type StoreHome, storeContract } from './store.ts';
import { storeModelContract } from './store-model.ts';
import { teachingContract } from './teaching.ts';

type Options = Pick<LocalStoreOptions, 'indexFrom' | 'masterKey' | 'rotateVectors'>;

/** A folder of the local store; with `indexFrom` templates a gallery gets an index. */
async function folder(options: Options = {}): Promise<StoreHome> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'face-id-store-'));
  return {
    open: async (as = model, rules = {}) => createLocalStore({ dataDir, model: as, ...options, ...rules }),
    drop: () => rm(dataDir, { recursive: true }),
    rounds: options.rotateVectors === true,
  };
}

const masterKey = createMasterKey(new Uint8Array(32).fill(7));
const sealed: Options = { masterKey, rotateVectors: true };

const homes = [
  { name: 'the local store', makeHome: () => folder(), keeps: true },
  {
    name: 'the local store with an index from the first template on',
    makeHome: () => folder({ indexFrom: 1 }),
    keeps: true,
  },
  { name: 'the local store, encrypted', makeHome: () => folder({ masterKey }), keeps: true },
  { name: 'the local store, encrypted and rotated', makeHome: () => folder(sealed), keeps: true },
  {
    name: 'the local store, encrypted and rotated, with an index from the first template on',
    makeHome: () => folder({ ...sealed, indexFrom: 1 }),
    keeps: true,
  },
  {
    name: 'the local store in memory',
    makeHome: async () => ({
      open: async (as = model, rules = {}) => createLocalStore({ dataDir: ':memory:', model: as, ...rules }),
      drop: async () => {},
    }),
    keeps: false,
  },
];

for (const { name, makeHome, keeps } of homes) {
  storeContract(name, makeHome, { keeps });
  identitiesContract(name, makeHome);
  consentContract(name, makeHome);
  galleriesContract(name, makeHome, { keeps });
  besideContract(name, makeHome, { keeps });
  storeModelContract(name, makeHome, { keeps });
  teachingContract(name, makeHome, { keeps });
}
