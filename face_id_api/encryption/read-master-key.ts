import { readFile } from 'node:fs/promises';
import type { EncryptionConfig } from '../config.ts';
import { StartError } from '../start-error.ts';
import { createMasterKey, keyBytes, type MasterKey } from './master-key.ts';

const makeOne = '`face-id gallery encryption new-key --out FILE` makes one';

/**
 * The key that the configuration names, from its file or as it is given; null where it names none.
 * @throws StartError where it cannot be read or is no key, never with a part of it
 */
export async function readMasterKey({ key, key_file: file }: EncryptionConfig): Promise<MasterKey | null> {
  if (key !== null) return toMasterKey(key, 'encryption.key');
  return file === null ? null : await readKeyFile(file);
}

/** @throws StartError as `readMasterKey` */
export async function readKeyFile(file: string): Promise<MasterKey> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new StartError(`encryption.key_file: ${file} cannot be read: ${cause.message}`, { cause });
  });
  return toMasterKey(text, `encryption.key_file: ${file}`);
}

function toMasterKey(text: string, place: string): MasterKey {
  const bytes = parseKey(text.trim());
  if (bytes !== null) return createMasterKey(bytes);
  throw new StartError(`${place}: expected a key of ${keyBytes} bytes in hexadecimal or base64; ${makeOne}`);
}

/** Hexadecimal first: its digits are base64 too, of another length. */
function parseKey(text: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}
