import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import { model, storeContract } from './store.ts';

storeContract(
  'the local store',
  async () => {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'face-id-store-'));
    return {
      open: async (as = model) => createLocalStore({ dataDir, model: as }),
      drop: () => rm(dataDir, { recursive: true }),
    };
  },
  { keeps: true },
);

storeContract(
  'the local store in memory',
  async () => ({
    open: async (as = model) => createLocalStore({ dataDir: ':memory:', model: as }),
    drop: async () => {},
  }),
  { keeps: false },
);
