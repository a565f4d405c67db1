import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type OverrideFolder = { readonly folder: string; remove(): Promise<void> };

/**
 * Writes the files of a load into a folder of their own, which serves as the model's until `remove`.
 * Throws, leaving nothing behind, for a path that leaves the folder or names no file.
 */
export async function writeOverrideFolder(files: ReadonlyMap<string, Uint8Array>): Promise<OverrideFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'triton-model-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const [relative, bytes] of files) {
      const file = path.join(folder, relative);
      if (!file.startsWith(folder + path.sep) || file.endsWith(path.sep)) {
        throw new Error(`file:${relative}: expected the path of a file in the model's folder`);
      }
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}
