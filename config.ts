import path from 'node:path';
import { loadAll } from 'js-yaml';
import { z } from 'zod';
import { detectorConfig } from './detector/config.ts';
import {
  apiConfig,
  auditConfig,
  decisionConfig,
  encryptionConfig,
  qualityConfig,
  retentionConfig,
  storeConfig,
  unknownsConfig,
} from './face_id_api/config.ts';
import { modelsConfig, tritonConfig } from './triton/config.ts';

const configSchema = z.strictObject({
  api: apiConfig.prefault({}),
  detector: detectorConfig.prefault({}),
  triton: tritonConfig.prefault({}),
  models: modelsConfig.prefault({}),
  decision: decisionConfig.prefault({}),
  quality: qualityConfig.prefault({}),
  unknowns: unknownsConfig.prefault({}),
  store: storeConfig.prefault({ kind: 'local' }),
  encryption: encryptionConfig.prefault({}),
  retention: retentionConfig.prefault({}),
  audit: auditConfig.prefault({}),
  data_dir: z.string().min(1).default('./data_dir'),
});

/** The whole configuration: every room's slice, paths absolute. */
export type Config = z.infer<typeof configSchema>;

/** A start that cannot happen, in words for the operator; printed without a stack. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
  }
}

export type ConfigSource = {
  /** Text of the configuration file; empty for none. */
  readonly text: string;
  /** The file's name, for messages. */
  readonly file: string;
  /** Folder that relative paths start at. */
  readonly baseDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const envPrefix = 'FACE_ID__';

/**
 * Reads YAML, lays `FACE_ID__SECTION__KEY` variables over it (values are JSON, otherwise text), checks all of it at once and
 * freezes it.
 * @throws ConfigError that lists every issue with its path, what is expected and what was found
 */
export function parseConfig({ text, file, baseDir, env }: ConfigSource): Config {
  const merged = applyEnvironment(parseYaml(text, file), env);
  const parsed = configSchema.safeParse(merged, { reportInput: true });
  if (!parsed.success) throw new ConfigError(describeIssues(parsed.error, file));
  return freezeDeep(resolvePaths(parsed.data, baseDir));
}

function parseYaml(text: string, file: string): Record<string, unknown> {
  let documents: unknown[];
  try {
    documents = text.trim() === '' ? [] : loadAll(text);
  } catch (cause) {
    throw new ConfigError(`${file} is not valid YAML: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const content = documents[0] ?? {};
  if (documents.length > 1 || !isRecord(content)) {
    throw new ConfigError(`${file}: expected one document with keys such as api, detector and triton`);
  }
  return content;
}

function applyEnvironment(content: Record<string, unknown>, env: ConfigSource['env']): Record<string, unknown> {
  const merged = structuredClone(content);
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(envPrefix) || value === undefined) continue;
    const keys = name.slice(envPrefix.length).toLowerCase().split('__');
    let section = merged;
    for (const key of keys.slice(0, -1)) {
      const next = section[key] ?? {};
      if (!isRecord(next)) throw new ConfigError(`${name}: ${key} is not a section of the configuration`);
      section[key] = next;
      section = next;
    }
    section[keys.at(-1) ?? ''] = parseJsonOrText(value);
  }
  return merged;
}

function parseJsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function describeIssues(error: z.ZodError, file: string): string {
  const lines = error.issues.map(issue => {
    const place = issue.path.join('.') || '(top level)';
    return `  ${place}: ${issue.message}${gotInstead(issue)}`;
  });
  return [`The configuration cannot be used (${file} and FACE_ID__* variables):`, ...lines].join('\n');
}

/** What was found, but no secret, nor a whole section, which may hold one. */
function gotInstead(issue: z.core.$ZodIssue): string {
  const isSecret = /password|api_key|^encryption\.key$/.test(issue.path.join('.'));
  const isSection = typeof issue.input === 'object' && issue.input !== null && !Array.isArray(issue.input);
  if (issue.code === 'unrecognized_keys' || isSecret || isSection || issue.input === null) return '';
  return `, got ${JSON.stringify(issue.input) ?? 'nothing'}`;
}

function resolvePaths(config: Config, baseDir: string): Config {
  const absolute = (value: string): string => path.resolve(baseDir, value);
  return {
    ...config,
    data_dir: absolute(config.data_dir),
    api: resolveApi(config.api, absolute),
    store: resolveStore(config.store, absolute),
    encryption: { ...config.encryption, key_file: config.encryption.key_file && absolute(config.encryption.key_file) },
    detector: { ...config.detector, model_dir: absolute(config.detector.model_dir) },
    triton: { ...config.triton, model_repository: absolute(config.triton.model_repository) },
    models: { ...config.models, mirror: config.models.mirror === null ? null : absolute(config.models.mirror) },
  };
}

function resolveApi(api: Config['api'], absolute: (value: string) => string): Config['api'] {
  const resolve = (file: string | null): string | null => (file === null ? null : absolute(file));
  return {
    ...api,
    keys_file: resolve(api.keys_file),
    admin_key_file: resolve(api.admin_key_file),
    tls: api.tls && { cert_file: absolute(api.tls.cert_file), key_file: absolute(api.tls.key_file) },
  };
}

function resolveStore(store: Config['store'], absolute: (value: string) => string): Config['store'] {
  if (store.kind === 'local') return store;
  const resolve = (file: string | null): string | null => (file === null ? null : absolute(file));
  return {
    ...store,
    password_file: resolve(store.password_file),
    api_key_file: resolve(store.api_key_file),
    ca_file: resolve(store.ca_file),
  };
}

function freezeDeep<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freezeDeep(inner);
  return Object.freeze(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
