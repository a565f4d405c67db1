import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CheckContext, type CheckedConfig, type Finding, fault, ok, reasonOf } from '../finding.ts';

const check = 'api.host';

type KeyFiles = { readonly keys_file?: string | null; readonly admin_key_file?: string | null };

/** Whoever reaches the API may do everything, unless there are keys: beyond this machine there have to be some. */
export async function checkKeys({ config }: CheckContext): Promise<Finding[]> {
  const { api, data_dir } = config;
  const found = await keysOf(api, data_dir);
  if (typeof found === 'string')
    return [fault(check, found, 'Restore that file, or make keys anew: `face-id keys add NAME --scope read`.')];
  if (found > 0) return [ok(check, `${api.host}; ${found} API ${found === 1 ? 'key' : 'keys'}`)];
  if (isLoopback(api.host)) return [ok(check, `${api.host}: this machine alone, without API keys`)];
  const message = `${api.host} is reached from other machines, and there is no API key: everybody may do everything`;
  return [fault(check, message, 'Make one: `face-id keys add NAME --scope read`, or set api.host to 127.0.0.1.')];
}

/** How many there are; in words what is wrong with their file. */
async function keysOf(api: CheckedConfig['api'] & KeyFiles, dataDir: string): Promise<number | string> {
  const admin = api.admin_key_file ?? null;
  const file = api.keys_file ?? path.join(dataDir, 'keys.json');
  try {
    const text = await readFile(file, 'utf8').catch(error => {
      if (error.code === 'ENOENT') return '{"keys":[]}';
      throw error;
    });
    const { keys } = JSON.parse(text);
    return (
      (Array.isArray(keys) ? keys.length : 0) +
      (admin === null || (await readFile(admin, 'utf8')).trim() === '' ? 0 : 1)
    );
  } catch (error) {
    return `the API keys cannot be read: ${error instanceof SyntaxError ? `${file} is no JSON` : reasonOf(error)}`;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
