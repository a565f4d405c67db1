import path from 'node:path';
import type { LoadOverride } from './load-parameters.ts';
import { writeOverrideFolder } from './override-folder.ts';
import { isModelName, type ModelFolder, readModelFolder } from './read-model-folder.ts';

/**
 * Reads what a load is to serve: the model's folder in the repository, that folder under another configuration, or files that
 * came with the load. Throws with a sentence for the operator.
 */
export async function readModel(
  repository: string,
  name: string,
  { config, files }: LoadOverride,
): Promise<ModelFolder> {
  if (!isModelName(name)) throw new Error(`expected the name of a folder in the repository, got '${name}'`);
  if (files.size === 0) return readModelFolder(path.join(repository, name), name, config);
  if (config === undefined) throw new Error("expected the parameter 'config' beside files, got none");
  const { folder, remove } = await writeOverrideFolder(files);
  try {
    return { ...(await readModelFolder(folder, name, config)), signature: null, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
