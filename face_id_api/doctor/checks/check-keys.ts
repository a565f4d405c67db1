import { readFile } from 'node:fs/promises';
import { isLoopback } from '../../is-loopback.ts';
import { readKeyFile } from '../../keys/change-key-file.ts';
import { isExpired, keysFileOf } from '../../keys/key-file.ts';
import { type CheckContext, type Finding, fault, ok, reasonOf, warning } from '../finding.ts';

const check = 'api.host';
const makeOne = 'Make one: `face-id keys add NAME --scope read`';

/** Without keys whoever reaches the API may do everything: beyond this machine there have to be some. */
export async function checkKeys({ config }: CheckContext): Promise<Finding[]> {
  const { host, admin_key_file: adminKeyFile } = config.api;
  try {
    const keys = await readKeyFile(keysFileOf(config));
    const admin = adminKeyFile === null ? 0 : Number((await readFile(adminKeyFile, 'utf8')).trim() !== '');
    const working = keys.filter(key => !isExpired(key, Date.now())).length + admin;
    if (working > 0) return [ok(check, `${host}; ${working} API ${working === 1 ? 'key' : 'keys'}`)];
    if (keys.length > 0) return [warning(check, `${host}; every API key has expired`, `${makeOne}, or rotate one.`)];
  } catch (error) {
    const remedy = 'Correct that file, or move it away and make keys anew: `face-id keys add NAME --scope read`.';
    return [fault(check, `the API keys cannot be read: ${reasonOf(error)}`, remedy)];
  }
  if (isLoopback(host)) return [ok(check, `${host}: this machine alone, without API keys`)];
  const message = `${host} is reached from other machines, and there is no API key: the service will not start`;
  return [fault(check, message, `${makeOne}, or set api.host to 127.0.0.1.`)];
}
