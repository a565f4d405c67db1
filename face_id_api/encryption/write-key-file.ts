import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { EncryptionError } from './encryption-error.ts';
import { keyBytes } from './master-key.ts';

/**
 * Makes a key and writes it, in hexadecimal, into a file that is not there yet, readable for its owner alone.
 * @throws EncryptionError where the file is there or cannot be written
 */
export async function writeKeyFile(file: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(`${randomBytes(keyBytes).toString('hex')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const folder = await open(path.dirname(path.resolve(file)), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new EncryptionError(`${file} is there: a key is never overwritten, name another file`);
    throw new EncryptionError(`${file} cannot be written: ${message}`, { cause });
  }
}
