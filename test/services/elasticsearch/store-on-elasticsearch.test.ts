import { afterAll, beforeAll, describe, inject } from 'vitest';
import { createGalleryRotations } from '../../../face_id_api/encryption/gallery-rotations.ts';
import { createMasterKey } from '../../../face_id_api/encryption/master-key.ts';
import { besideContract } from '../../contract/face_id_api/beside.ts';
import { consentContract } from '../../contract/face_id_api/consent.ts';
import { galleriesContract } from '../../contract/face_id_api/galleries.ts';
import { identitiesContract } from '../../contract/face_id_api/identities.ts';
import { model, type StoreHome, storeContract } from '../../contract/face_id_api/store.ts';
import { storeModelContract } from '../../contract/face_id_api/store-model.ts';
import { teachingContract } from '../../contract/face_id_api/teaching.ts';
import { openStore, removeIndexes } from './open-store.ts';
import { type RunningElasticsearch, startRealElasticsearch } from './start-real-elasticsearch.ts';

const real = inject('realElasticsearch');
const missing = 'missing' in real ? ` (skipped: ${real.missing})` : '';

describe.skipIf('missing' in real)(`Elasticsearch${missing}`, () => {
  let server: RunningElasticsearch;
  let homes = 0;

  beforeAll(async () => {
    if ('run' in real) server = await startRealElasticsearch(real.run);
  });
  afterAll(() => server?.close());

  async function makeHome(rotates: boolean): Promise<StoreHome> {
    const prefix = `contract-${++homes}`;
    const rotations = createGalleryRotations(rotates ? createMasterKey(new Uint8Array(32).fill(7)) : null, rotates);
    return {
      open: async (as = model, rules = {}) => openStore(server.url, { prefix, model: as, rotations, ...rules }),
      drop: () => removeIndexes(server.url, prefix),
      rounds: rotates,
    };
  }

  for (const [name, rotates] of [
    ['the store of Elasticsearch', false],
    ['the store of Elasticsearch, rotated', true],
  ] as const) {
    const makeOne = () => makeHome(rotates);
    storeContract(name, makeOne, { keeps: true });
    identitiesContract(name, makeOne);
    consentContract(name, makeOne);
    galleriesContract(name, makeOne, { keeps: true });
    besideContract(name, makeOne, { keeps: true });
    storeModelContract(name, makeOne, { keeps: true });
    teachingContract(name, makeOne, { keeps: true });
  }
});
