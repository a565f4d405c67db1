import { afterAll, beforeAll, describe, inject } from 'vitest';
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

  async function makeHome(): Promise<StoreHome> {
    const prefix = `contract-${++homes}`;
    return {
      open: async (as = model) => openStore(server.url, { prefix, model: as }),
      drop: () => removeIndexes(server.url, prefix),
    };
  }

  const name = 'the store of Elasticsearch';
  storeContract(name, makeHome, { keeps: true });
  identitiesContract(name, makeHome);
  galleriesContract(name, makeHome, { keeps: true });
  storeModelContract(name, makeHome, { keeps: true });
  teachingContract(name, makeHome, { keeps: true });
});
