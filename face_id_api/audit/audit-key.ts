import { createHmac, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { encodeCursor, type IdentityId } from '../core/identity-id.ts';
import { StartError } from '../start-error.ts';

/** Enough that no two ids meet, in half of the bytes. */
const subjectLength = 32;

/**
 * Makes subjects of ids: HMAC-SHA-256 of the typed id with the key of a file, which is made where there is none, for its owner only.
 * Whoever lacks the key can tell nothing from a subject; with the key an id that can be guessed can be tried.
 * @throws StartError where it cannot be read or made, or is no key
 */
export async function openAuditKey(file: string): Promise<(id: IdentityId) => string> {
  const text = await read(file).catch((cause: Error) => {
    throw new StartError(`${file} cannot be read or made: ${cause.message}`, { cause });
  });
  if (!/^[0-9a-f]{64}\n$/.test(text)) {
    throw new StartError(`${file}: expected the key of the audit log, got something else: restore it from a backup`);
  }
  const key = Buffer.from(text.trim(), 'hex');
  return id => createHmac('sha256', key).update(encodeCursor(id)).digest('hex').slice(0, subjectLength);
}

async function read(file: string): Promise<string> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      const text = `${randomBytes(32).toString('hex')}\n`;
      await handle.writeFile(text);
      await handle.sync();
      return text;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readFile(file, 'utf8');
  }
}
