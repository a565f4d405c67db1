import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { ApiConfig } from './config.ts';
import { isLoopback } from './is-loopback.ts';
import { keysFileOf } from './keys/key-file.ts';
import { createPlainKeyRing, type KeyRing } from './keys/key-ring.ts';
import { openKeyRing } from './keys/open-key-ring.ts';
import { StartError } from './start-error.ts';

export type Tls = { readonly cert: string; readonly key: string };

/** Who may ask the API, as its configuration and its files of keys have it. */
export type Access = Pick<ApiConfig, 'allowed_hosts' | 'cors_origins' | 'limits'> & {
  readonly keys: KeyRing;
  readonly tls: Tls | null;
  readonly behindTlsProxy: boolean;
  /** What the operator should know about it, a line each. */
  readonly notes: readonly string[];
  close(): void;
};

/** For a private instance, whose one caller is the process itself: the service's own bounds suffice. */
const noLimits: Access['limits'] = { requests_per_minute: 1_000_000, photos_at_once: 1000, failures_per_minute: 1 };

export type AccessContext = {
  readonly logger: Parameters<typeof openKeyRing>[0]['logger'];
  /** The one key of a private instance, in place of those of the files. */
  readonly plainKey?: string | undefined;
};

/**
 * Opens what decides who may ask. Where nobody needs a key, the API is for this machine alone.
 * @throws KeysError, StartError in words for the operator
 */
export async function openAccess(
  config: { readonly api: ApiConfig; readonly data_dir: string },
  { logger, plainKey }: AccessContext,
): Promise<Access> {
  const { api } = config;
  const { allowed_hosts, cors_origins, limits, behind_tls_proxy: behindTlsProxy } = api;
  const tls = api.tls && (await readTls(api.tls));
  const shared = { allowed_hosts, cors_origins, limits, tls, behindTlsProxy };
  if (plainKey !== undefined) {
    return { ...shared, limits: noLimits, keys: createPlainKeyRing(plainKey), notes: [], close: () => {} };
  }

  const keysFile = keysFileOf(config);
  const keys = await openKeyRing({ keysFile, adminKeyFile: api.admin_key_file, logger });
  const isPrivate = isLoopback(api.host);
  if (!isPrivate && keys.count() === 0) {
    keys.close();
    throw new StartError(
      `api.host: ${api.host} can be reached from elsewhere, and there is no API key. Make one with ` +
        '`npm run keys -- add NAME --scope read,enrol`, name a file with one in api.admin_key_file, or listen on 127.0.0.1',
    );
  }
  const isPlain = tls === null && !behindTlsProxy && !isPrivate;
  const notes = [
    !keys.isRequired() && 'No API keys: whoever is on this machine may do everything (npm run keys -- add NAME …)',
    keys.isRequired() && keys.count() === 0 && `No key in ${keysFile} works: every call will be refused`,
    isPlain && `Keys and photos travel unencrypted to ${api.host}: set api.tls, or api.behind_tls_proxy: true`,
  ].filter(note => note !== false);
  return { ...shared, keys, notes, close: () => keys.close() };
}

async function readTls({ cert_file, key_file }: NonNullable<ApiConfig['tls']>): Promise<Tls> {
  const read = (name: string, file: string): Promise<string> =>
    readFile(file, 'utf8').catch((cause: Error) => {
      throw new StartError(`api.tls.${name}: ${file} cannot be read: ${cause.message}`, { cause });
    });
  const tls = { cert: await read('cert_file', cert_file), key: await read('key_file', key_file) };
  try {
    createSecureContext(tls);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`api.tls: expected a certificate and its private key, both in PEM: ${reason}`, { cause });
  }
  return tls;
}
