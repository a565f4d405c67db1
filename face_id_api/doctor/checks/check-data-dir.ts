import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { type CheckContext, type Finding, fault, ok, warning } from '../finding.ts';
import { whyNotWritable } from '../why-not-writable.ts';

const check = 'data_dir';
const [leastBytes, comfortableBytes] = [100 * 1024 ** 2, 1024 ** 3];

/** Whether the folder of the galleries can be written, by nobody else be read, and has space. */
export async function checkDataDir({ config: { data_dir: dataDir } }: CheckContext): Promise<Finding[]> {
  const there = await stat(dataDir).catch(() => null);
  if (there !== null && !there.isDirectory()) {
    return [fault(check, `${dataDir} is no folder`, 'Name another one in data_dir, or move that file away.')];
  }
  const folder = there === null ? await nearest(path.dirname(dataDir)) : dataDir;
  return [await writable(dataDir, folder), ...readers(dataDir, there?.mode), await space(folder)];
}

async function writable(dataDir: string, folder: string): Promise<Finding> {
  const reason = await whyNotWritable(folder);
  if (reason !== null) {
    const remedy = 'Let the user that runs the service write there, or name another folder in data_dir.';
    return fault(check, `${folder} cannot be written: ${reason}`, remedy);
  }
  return ok(check, folder === dataDir ? `${dataDir} can be written` : `${dataDir} is made at the first start`);
}

function readers(dataDir: string, mode: number | undefined): Finding[] {
  if (mode === undefined || process.platform === 'win32' || (mode & 0o077) === 0) return [];
  const message = `${dataDir} can be read by other users of this machine: what is kept there is biometric`;
  return [warning(check, message, `chmod 700 ${dataDir}`)];
}

async function space(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const bytes = bavail * bsize;
  const message = `${(bytes / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
  if (bytes >= comfortableBytes) return ok('disk space', message);
  const remedy = 'Make room there: models take up to 120 MB, a template about 1 KB.';
  return bytes < leastBytes ? fault('disk space', message, remedy) : warning('disk space', message, remedy);
}

async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).catch(() => null);
  return there !== null || path.dirname(folder) === folder ? folder : nearest(path.dirname(folder));
}
