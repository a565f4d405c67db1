import {
  createElasticsearchStore,
  type ElasticsearchStoreOptions,
} from '../../../face_id_api/store/elasticsearch-store.ts';
import type { Store } from '../../../face_id_api/store/store.ts';

/** A store over a test's own indexes. */
export function openStore(
  url: string,
  given: Pick<ElasticsearchStoreOptions, 'prefix' | 'model'> & Partial<ElasticsearchStoreOptions>,
): Store {
  return createElasticsearchStore({
    connection: { urls: [url], auth: null, ca: null, timeoutMs: 30_000 },
    index: { type: 'int8_hnsw', shards: 1, replicas: null, refreshInterval: '1s' },
    refresh: true,
    ...given,
  });
}

/** Elasticsearch deletes no index by a pattern unless it is told that it may. */
export async function removeIndexes(url: string, prefix: string): Promise<void> {
  const listed = await fetch(`${url}/${prefix}.*/_settings?flat_settings=true`);
  const names = Object.keys((await listed.json()) as Record<string, unknown>);
  if (names.length > 0) await fetch(`${url}/${names.join(',')}`, { method: 'DELETE' });
}
