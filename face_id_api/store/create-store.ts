import { readFile } from 'node:fs/promises';
import type { ElasticsearchConfig, EncryptionConfig, StoreConfig } from '../config.ts';
import { createGalleryRotations } from '../encryption/gallery-rotations.ts';
import { readMasterKey } from '../encryption/read-master-key.ts';
import { StartError } from '../start-error.ts';
import type { ElasticsearchConnection } from './elasticsearch-client.ts';
import type { IndexSettings } from './elasticsearch-mapping.ts';
import { settleBeside } from './settle-beside.ts';
import type { GalleryModel, Store } from './store.ts';

export type StoreConfigs = { readonly store: StoreConfig; readonly encryption: EncryptionConfig };

export type StoreContext = {
  /** Folder of a local store; `:memory:` keeps nothing. */
  readonly dataDir: string;
  /** The model whose vectors will be put and searched. */
  readonly model: GalleryModel;
  /** Whether nobody gets templates without a consent that holds; absent: no. */
  readonly requireConsent?: boolean;
  readonly logger: { warn(fields: object, message: string): void };
};

/**
 * The store that the configuration names. A local one is open then; that of Elasticsearch is asked for when it is needed.
 * @throws StartError as `createLocalStore`, or where a key, or a file of a secret or certificate, cannot be read
 */
export async function createStore({ store: config, encryption }: StoreConfigs, context: StoreContext): Promise<Store> {
  const { model, requireConsent = false, logger } = context;
  const masterKey = await readMasterKey(encryption);
  const rotateVectors = encryption.rotate_vectors;
  // Each is loaded where it is the store: images of services without one have neither usearch nor the client, which takes half a second and 15 MB.
  if (config.kind === 'local') {
    const { createLocalStore } = await import('./local-store.ts');
    const store = createLocalStore({ ...context, masterKey, rotateVectors });
    await settled(store, logger);
    return store;
  }
  const { createElasticsearchStore } = await import('./elasticsearch-store.ts');
  const store = createElasticsearchStore({
    connection: await connectionOf(config),
    prefix: config.prefix,
    model,
    requireConsent,
    logger,
    index: indexSettingsOf(config),
    rotations: createGalleryRotations(masterKey, rotateVectors),
    refresh: config.refresh === 'immediate' ? true : 'wait_for',
  });
  // A cluster that is away keeps nobody from starting.
  void settled(store, logger);
  return store;
}

/** `settleBeside`; where it fails, a switch and the next start do it. */
async function settled(store: Store, logger: StoreContext['logger']): Promise<void> {
  await settleBeside(store).catch(error =>
    logger.warn({ err: error }, 'whether anybody is left beside a gallery who is gone from it could not be looked up'),
  );
}

/** How galleries are laid out that are made from now on. */
export function indexSettingsOf(config: ElasticsearchConfig): IndexSettings {
  return {
    type: config.index_type,
    shards: config.shards,
    replicas: config.replicas,
    refreshInterval: config.refresh_interval,
  };
}

export async function connectionOf(config: ElasticsearchConfig): Promise<ElasticsearchConnection> {
  const apiKey = config.api_key ?? (await readSecret('api_key_file', config.api_key_file));
  const password = config.password ?? (await readSecret('password_file', config.password_file));
  const { username, urls, timeout_ms: timeoutMs } = config;
  const basic = username === null || password === null ? null : { username, password };
  return {
    urls,
    auth: apiKey === null ? basic : { apiKey },
    ca: await readSecret('ca_file', config.ca_file),
    timeoutMs,
  };
}

/** Its text without the line's end. */
async function readSecret(key: string, file: string | null): Promise<string | null> {
  if (file === null) return null;
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (text !== '') return text;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`store.${key}: ${file} cannot be read: ${reason}`, { cause });
  }
  throw new StartError(`store.${key}: ${file} is empty`);
}
