import { access, constants, mkdtemp, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from './finding.ts';

/** Why a folder cannot be written; null where it can. */
export async function whyNotWritable(folder: string): Promise<string | null> {
  try {
    await access(folder, constants.W_OK);
    // A read-only file system says no to root only when something is written.
    await rmdir(await mkdtemp(path.join(folder, '.face-id-doctor-')));
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}
