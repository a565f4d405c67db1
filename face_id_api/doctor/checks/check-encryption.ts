import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { MasterKey } from '../../encryption/master-key.ts';
import { readMasterKey } from '../../encryption/read-master-key.ts';
import { inspectDatabase } from '../../store/inspect-database.ts';
import { type CheckContext, type Finding, fault, ok, reasonOf, warning } from '../finding.ts';

const check = 'encryption';
/** Where Docker puts what it is given as a secret, for every user of the container to read. */
const secretsFolder = '/run/secrets/';

/** Whether the key can be read, by nobody else, and opens what is there. */
export async function checkEncryption({ config }: CheckContext): Promise<Finding[]> {
  const file = config.encryption.key_file;
  let key: MasterKey | null;
  try {
    key = await readMasterKey(config.encryption);
  } catch (error) {
    const remedy = 'Put the key back from where you keep its copy; a new one opens nothing that is encrypted.';
    return [fault(check, reasonOf(error), remedy)];
  }
  const place = file === null ? [] : [...(await readers(file)), ...beside(file, config.data_dir)];
  return [...place, ...(config.store.kind === 'local' ? localFindings(config.data_dir, key) : remoteFindings(key))];
}

async function readers(file: string): Promise<Finding[]> {
  const { mode } = await stat(file);
  if (process.platform === 'win32' || (mode & 0o077) === 0 || file.startsWith(secretsFolder)) return [];
  return [warning(check, `${file} can be read by other users of this machine`, `chmod 600 ${file}`)];
}

function beside(file: string, dataDir: string): Finding[] {
  if (path.relative(dataDir, file).startsWith('..')) return [];
  const message = `${file} lies in data_dir: whoever takes that folder has the key to it`;
  return [warning(check, message, 'Keep it on another medium, or give it as a secret: docs/encryption.md.')];
}

function localFindings(dataDir: string, key: MasterKey | null): Finding[] {
  const found = inspectDatabase(dataDir);
  // Said where the store is looked at.
  if (found.state !== 'open') return [ok(check, key === null ? 'off' : `key ${key.id}`)];
  const { keyId, hasVectors } = found;
  if (keyId === (key?.id ?? null))
    return [ok(check, key === null ? 'off: vectors are plain' : `on, under key ${key.id}`)];
  if (keyId !== null) {
    const message = `the galleries are encrypted under key ${keyId}, the configuration names ${key?.id ?? 'none'}`;
    return [fault(check, message, 'Set encryption.key_file to the file of that key.')];
  }
  if (!hasVectors) return [ok(check, 'on with the next start: there is no vector yet')];
  const remedy = 'Run `face-id gallery encryption on` while no service runs, or set encryption.key_file to null.';
  return [fault(check, 'the galleries are plain, and encryption.key_file asks for encryption', remedy)];
}

function remoteFindings(key: MasterKey | null): Finding[] {
  return [
    ok(check, key === null ? 'off: vectors are not rotated' : `vectors are rotated by secrets under key ${key.id}`),
  ];
}
