import { access, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ModelConfig, ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import { parseTextFormat } from '../text-format/parse-text-format.ts';
import { withDefaults } from './model-config-defaults.ts';
import { selectVersions, versionNumbers } from './select-versions.ts';

/** More than any configuration holds; a larger file is something else. */
const maxConfigBytes = 1024 * 1024;

export type ModelFolder = {
  readonly name: string;
  /** Completed with Triton's defaults. */
  readonly config: ModelConfig;
  /** The versions to serve by the policy, ascending, with the file each is in. */
  readonly versions: readonly { readonly version: string; readonly modelPath: string }[];
};

/** Names of the folders of a repository that hold a `config.pbtxt`, sorted. Throws when the repository cannot be read. */
export async function listModelFolders(repository: string): Promise<string[]> {
  const entries = await readdir(repository, { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    // Hidden folders are models that are being written.
    if (entry.name.startsWith('.') || entry.isFile()) continue;
    const hasConfig = await access(path.join(repository, entry.name, 'config.pbtxt')).then(
      () => true,
      () => false,
    );
    if (hasConfig) names.push(entry.name);
  }
  return names.sort();
}

/** Reads one model's folder. Throws with a sentence for the operator when its configuration cannot be used. */
export async function readModelFolder(repository: string, name: string): Promise<ModelFolder> {
  const folder = path.join(repository, name);
  const file = path.join(folder, 'config.pbtxt');
  const { size } = await stat(file);
  if (size > maxConfigBytes) throw new Error(`config.pbtxt: expected at most ${maxConfigBytes} bytes, got ${size}`);
  const parsed = parseTextFormat(ModelConfigSchema, await readFile(file, 'utf8'));
  if (parsed.name !== '' && parsed.name !== name) {
    throw new Error(`config.pbtxt: expected the folder's name '${name}', got name '${parsed.name}'`);
  }
  const config = withDefaults(parsed, name);
  if (path.basename(config.defaultModelFilename) !== config.defaultModelFilename) {
    throw new Error(`default_model_filename: expected a file name, got '${config.defaultModelFilename}'`);
  }
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter(entry => !entry.isFile()).map(entry => entry.name);
  return {
    name,
    config,
    versions: selectVersions(versionNumbers(folders), config.versionPolicy).map(version => ({
      version: String(version),
      modelPath: path.join(folder, String(version), config.defaultModelFilename),
    })),
  };
}
