import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { create, fromJson } from '@bufbuild/protobuf';
import { type ModelConfig, ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import { parseTextFormat } from '../text-format/parse-text-format.ts';
import { backendOfFiles } from './backend-of-files.ts';
import { readFolderFiles } from './folder-files.ts';
import { withDefaults } from './model-config-defaults.ts';
import { selectVersions, versionNumbers } from './select-versions.ts';

/** More than any configuration holds; a larger file is something else. */
const maxConfigBytes = 1024 * 1024;

/** What one version is loaded from. */
export type VersionSource = {
  readonly version: string;
  readonly modelPath: string;
  /** The model's, completed with Triton's defaults. */
  readonly config: ModelConfig;
  /** Folder of the files that `model_warmup` names. */
  readonly warmupDir: string;
  /** Names, sizes and times of the version's files. */
  readonly files: string;
};

export type ModelFolder = {
  /** Another one for other files of the repository; null where a load brought files of its own. */
  readonly signature: string | null;
  /** The versions to serve by the policy, ascending. */
  readonly versions: readonly VersionSource[];
  /** Takes the files of a load away. */
  readonly remove?: () => Promise<void>;
};

/** Names of a repository's folders, sorted. Hidden ones are models that are being written. Throws when it cannot be read. */
export async function listModelFolders(repository: string): Promise<string[]> {
  const entries = await readdir(repository, { withFileTypes: true });
  return entries
    .filter(entry => !entry.isFile() && isModelName(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Whether a folder of that name, and nothing outside the repository, could be a model. */
export function isModelName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name);
}

/**
 * Reads the model `name` in `folder`: its `config.pbtxt`, or, in its place, the JSON of a configuration. Without either, files
 * tell the backend. Throws with a sentence for the operator when its configuration cannot be used.
 */
export async function readModelFolder(folder: string, name: string, configJson?: string): Promise<ModelFolder> {
  const { signature, ofVersion } = await readFolderFiles(folder);
  const parsed = configJson === undefined ? await readConfigFile(folder) : parseConfigJson(configJson);
  if (parsed.name !== '' && parsed.name !== name) {
    throw new Error(`config.pbtxt: expected the folder's name '${name}', got name '${parsed.name}'`);
  }
  const entries = await readdir(folder, { withFileTypes: true });
  const available = versionNumbers(entries.filter(entry => !entry.isFile()).map(entry => entry.name));
  if (parsed.platform === '' && parsed.backend === '') parsed.backend = await findBackend(folder, available);
  const config = withDefaults(parsed, name);
  if (path.basename(config.defaultModelFilename) !== config.defaultModelFilename) {
    throw new Error(`default_model_filename: expected a file name, got '${config.defaultModelFilename}'`);
  }
  const versions = selectVersions(available, config.versionPolicy).map(String);
  return {
    signature,
    versions: versions.map(version => ({
      version,
      modelPath: path.join(folder, version, config.defaultModelFilename),
      config,
      warmupDir: path.join(folder, 'warmup'),
      files: ofVersion(version),
    })),
  };
}

async function readConfigFile(folder: string): Promise<ModelConfig> {
  const file = path.join(folder, 'config.pbtxt');
  const found = await stat(file).catch(error => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return create(ModelConfigSchema);
  checkSize(found.size);
  return parseTextFormat(ModelConfigSchema, await readFile(file, 'utf8'));
}

/** Protobuf's JSON: names as in config.pbtxt or in camelCase. */
function parseConfigJson(text: string): ModelConfig {
  checkSize(Buffer.byteLength(text));
  return fromJson(ModelConfigSchema, JSON.parse(text));
}

function checkSize(bytes: number): void {
  if (bytes > maxConfigBytes) throw new Error(`config.pbtxt: expected at most ${maxConfigBytes} bytes, got ${bytes}`);
}

async function findBackend(folder: string, [first]: readonly number[]): Promise<string> {
  const names = first === undefined ? [] : await readdir(path.join(folder, String(first)));
  const backend = backendOfFiles(names);
  if (backend !== undefined) return backend;
  throw new Error(
    "expected a backend or a platform in config.pbtxt, or a file 'model.onnx' in a version folder, got none",
  );
}
