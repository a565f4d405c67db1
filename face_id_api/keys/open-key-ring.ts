import { longestKey } from '../core/read-api-key.ts';
import { type FollowedFile, followFile } from './follow-file.ts';
import { isExpired, parseKeyFile, type StoredKey } from './key-file.ts';
import { createKeyFinder, type KeyRing } from './key-ring.ts';
import { KeysError } from './keys-error.ts';

export type KeyRingOptions = {
  /** Keys by their hashes, as `face-id keys` writes them; need not be there. */
  readonly keysFile: string;
  /** One plain key with every scope; null: there is none. */
  readonly adminKeyFile: string | null;
  readonly logger: { info(message: string): void; error(fields: object, message: string): void };
  /** Between two looks at the files. */
  readonly intervalMs?: number;
};

export type OpenKeyRing = KeyRing & {
  /** Keys that open something now. */
  count(): number;
  close(): void;
};

/** A plain key of fewer characters could be guessed. */
const shortestPlainKey = 24;

/**
 * The keys of the two files, read again when they change. One that cannot be read, or is broken, rejects at the start; later the keys that
 * were there stay good and the log says so. A key file that is deleted takes its keys with it, and keys stay needed.
 * @throws KeysError in words for the operator
 */
export async function openKeyRing(options: KeyRingOptions): Promise<OpenKeyRing> {
  const { keysFile, adminKeyFile, logger, intervalMs = 1000 } = options;
  let stored: readonly StoredKey[] = [];
  let plainKey: string | null = null;
  let isRequired = false;
  let find = createKeyFinder(stored, plainKey);

  function takeStored(text: string | null): void {
    stored = text === null ? [] : parseKeyFile(text, keysFile);
    isRequired ||= text !== null;
    find = createKeyFinder(stored, plainKey);
  }

  function takePlain(text: string | null): void {
    plainKey = parsePlainKey(text, adminKeyFile ?? '');
    isRequired = true;
    find = createKeyFinder(stored, plainKey);
  }

  const files: FollowedFile[] = [];
  const close = (): void => {
    for (const file of files) file.close();
  };

  async function follow(file: string, take: (text: string | null) => void): Promise<void> {
    const followed = await followFile(file, {
      intervalMs,
      onChange(text) {
        take(text);
        logger.info(`${file} was read again`);
      },
      onError: err => logger.error({ err }, `${file} cannot be used: the keys that were read before stay good`),
    }).catch((cause: Error) => {
      throw new KeysError(`${file} cannot be read: ${cause.message}`, { cause });
    });
    files.push(followed);
    take(followed.text);
  }

  try {
    await follow(keysFile, takeStored);
    if (adminKeyFile !== null) await follow(adminKeyFile, takePlain);
  } catch (error) {
    close();
    throw error;
  }
  return {
    isRequired: () => isRequired,
    find: key => find(key),
    count: () => stored.filter(key => !isExpired(key, Date.now())).length + (plainKey === null ? 0 : 1),
    close,
  };
}

function parsePlainKey(text: string | null, file: string): string {
  const wrong = (found: string): KeysError =>
    new KeysError(`api.admin_key_file: ${file}: expected one key of at least ${shortestPlainKey} characters, ${found}`);
  if (text === null) throw wrong('but there is no such file');
  const key = text.trim();
  if (key === '') throw wrong('but it is empty');
  if (key.length < shortestPlainKey) throw wrong(`got ${key.length}`);
  if (key.length > longestKey || !/^[\x21-\x7e]+$/.test(key)) {
    throw wrong(`at most ${longestKey}, all of them printable ASCII without spaces`);
  }
  return key;
}
