import type { OnnxPool } from '../../onnx-pool/job.ts';
import { createModelExecutor, type ModelExecutor, type QueueLimits } from '../infer/model-executor.ts';
import type { ServedModel } from '../infer/served-model.ts';
import { parseModelVersion } from '../parse-model-version.ts';
import type { TritonMetrics } from '../prom-metrics.ts';
import { StatusError } from '../status-error.ts';
import { loadModel, releaseModel } from './load-model.ts';
import { listModelFolders, type ModelFolder, readModelFolder } from './read-model-folder.ts';
import type { ModelStatus } from './ready-table.ts';

export type IndexEntry = {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE';
  readonly reason: string;
};

export type ReadyVersion = { readonly model: ServedModel; readonly executor: ModelExecutor };

/** The models of a repository as they were loaded at the start. */
export type ModelRepository = {
  /**
   * A version that can be asked, with its model's ready versions; an empty `version` is the latest one.
   * @throws StatusError in Triton's words: unknown model or version, none available, not ready, not a version
   */
  find(name: string, version: string): ReadyVersion & { readonly versions: readonly string[] };
  /** Whether that version, or any when `version` is empty, answers. Unknown ones do not. @throws StatusError for a bad version */
  isReady(name: string, version: string): boolean;
  /** Whether every model is ready, as a real Triton counts: one without a version is not, one whose configuration cannot be read
   * is no model. False once closing. */
  readonly allReady: boolean;
  index(): readonly IndexEntry[];
  statuses(): readonly ModelStatus[];
  /** Refuses what waits, finishes what runs, releases every session. */
  close(): Promise<void>;
};

type VersionEntry = { readonly version: string } & (
  | ({ readonly state: 'READY' } & ReadyVersion)
  | { readonly state: 'UNAVAILABLE'; readonly reason: string }
);
type ModelEntry =
  | { readonly kind: 'model'; readonly name: string; readonly versions: readonly VersionEntry[] }
  | { readonly kind: 'unreadable'; readonly name: string; readonly reason: string };

/** What models run on, and by what they are bounded and counted. */
export type ModelHost = { readonly pool: OnnxPool; readonly limits: QueueLimits; readonly metrics: TritonMetrics };

/** Loads every model of a repository. One that fails is kept with its reason, and the others are served. */
export async function loadRepository(directory: string, host: ModelHost): Promise<ModelRepository> {
  const entries = new Map<string, ModelEntry>();
  for (const name of await listModelFolders(directory)) entries.set(name, await loadEntry(directory, name, host));
  let isClosing = false;
  return {
    find(name, versionText) {
      const version = parseModelVersion(versionText);
      const entry = entries.get(name);
      if (entry?.kind !== 'model') throw unknownModel(`'${name}' is not found`);
      const ready = readyOf(entry);
      const versions = ready.map(({ model }) => model.version);
      const latest = ready.at(-1);
      if (version === null) {
        if (latest === undefined) throw unknownModel(`'${name}' has no available versions`);
        return { ...latest, versions };
      }
      const asked = entry.versions.find(candidate => candidate.version === version);
      if (asked === undefined) throw unknownModel(`'${name}' version ${version} is not found`);
      if (asked.state === 'READY') return { model: asked.model, executor: asked.executor, versions: [version] };
      throw new StatusError(
        'UNAVAILABLE',
        `Request for unknown model: '${name}' version ${version} is not at ready state`,
      );
    },
    isReady(name, versionText) {
      const version = parseModelVersion(versionText);
      const entry = entries.get(name);
      const ready = entry === undefined ? [] : readyOf(entry);
      return version === null ? ready.length > 0 : ready.some(({ model }) => model.version === version);
    },
    get allReady() {
      if (isClosing) return false;
      const models = [...entries.values()].filter(entry => entry.kind === 'model');
      return models.every(({ versions }) => versions.length > 0 && versions.every(({ state }) => state === 'READY'));
    },
    index: () => [...entries.values()].flatMap(toIndex),
    statuses: () => [...entries.values()].flatMap(toStatuses),
    async close() {
      isClosing = true;
      const versions = [...entries.values()].flatMap(readyOf);
      await Promise.all(versions.map(({ executor }) => executor.close()));
      for (const { model } of versions) await releaseModel(host.pool, model.modelPath);
    },
  };
}

async function loadEntry(directory: string, name: string, host: ModelHost): Promise<ModelEntry> {
  let folder: ModelFolder;
  try {
    folder = await readModelFolder(directory, name);
  } catch (error) {
    return { kind: 'unreadable', name, reason: messageOf(error) };
  }
  const versions: VersionEntry[] = [];
  for (const { version, modelPath } of folder.versions) {
    try {
      const model = await loadModel(host.pool, folder.config, version, modelPath);
      versions.push({ version, state: 'READY', model, executor: createExecutor(host, model) });
    } catch (error) {
      versions.push({ version, state: 'UNAVAILABLE', reason: messageOf(error) });
    }
  }
  return { kind: 'model', name, versions };
}

function createExecutor({ pool, limits, metrics }: ModelHost, model: ServedModel): ModelExecutor {
  const { name, version } = model;
  const counted = metrics.forModel({ name, version, pending: () => executor.waiting() });
  const executor = createModelExecutor(pool, model, limits, counted);
  return executor;
}

function readyOf(entry: ModelEntry): ReadyVersion[] {
  if (entry.kind !== 'model') return [];
  return entry.versions.flatMap(version =>
    version.state === 'READY' ? [{ model: version.model, executor: version.executor }] : [],
  );
}

function toIndex(entry: ModelEntry): IndexEntry[] {
  const { name } = entry;
  if (entry.kind === 'unreadable') return [{ name, version: '', state: 'UNAVAILABLE', reason: entry.reason }];
  return entry.versions.map(version => ({
    name,
    version: version.version,
    state: version.state,
    reason: version.state === 'READY' ? '' : version.reason,
  }));
}

function toStatuses(entry: ModelEntry): ModelStatus[] {
  const { name } = entry;
  if (entry.kind === 'unreadable') return [{ name, version: '-', status: `Not loaded: ${entry.reason}` }];
  if (entry.versions.length === 0) {
    return [{ name, version: '-', status: 'Not loaded: No model version was found' }];
  }
  return entry.versions.map(version => ({
    name,
    version: version.version,
    status: version.state === 'READY' ? 'READY' : `UNAVAILABLE: ${version.reason}`,
  }));
}

function unknownModel(what: string): StatusError {
  return new StatusError('NOT_FOUND', `Request for unknown model: ${what}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
