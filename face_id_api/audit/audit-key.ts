import { createHmac, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { encodeCursor, type IdentityId } from '../core/identity-id.ts';
import { StartError } from '../start-error.ts';
import { type AuditPlaces, headText } from './audit-files.ts';
import { noLines } from './audit-line.ts';

/** Enough that no two ids meet, in half of the bytes. */
const subjectLength = 32;

/**
 * Makes subjects of ids: HMAC-SHA-256 of the typed id with the key of a file, which is made where there is none, for its owner only.
 * Whoever lacks the key can tell nothing from a subject; with the key an id that can be guessed can be tried. A head is made before it, so
 * that a key without one tells that a log was taken away.
 * @throws StartError where it cannot be read or made, or is no key
 */
export async function openAuditKey(places: AuditPlaces): Promise<(id: IdentityId) => string> {
  const file = places.key;
  const text = await read(places).catch((cause: Error) => {
    throw new StartError(`${file} cannot be read or made: ${cause.message}`, { cause });
  });
  if (!/^[0-9a-f]{64}\n$/.test(text)) {
    throw new StartError(`${file}: expected the key of the audit log, got something else: restore it from a backup`);
  }
  const key = Buffer.from(text.trim(), 'hex');
  return id => createHmac('sha256', key).update(encodeCursor(id)).digest('hex').slice(0, subjectLength);
}

async function read({ key, head }: AuditPlaces): Promise<string> {
  const known = await readFile(key, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (known !== null) return known;
  await make(head, headText(noLines));
  const text = `${randomBytes(32).toString('hex')}\n`;
  return (await make(key, text)) ? text : await readFile(key, 'utf8');
}

/** False where it is there already, which stays. */
async function make(file: string, text: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
      return true;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
