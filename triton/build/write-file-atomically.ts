import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Writes a small file so that a reader, or a crash, sees the old content or the new, never a part. */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const staging = `${file}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(staging, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staging, file);
  } finally {
    await rm(staging, { force: true });
  }
}
