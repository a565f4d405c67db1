import { equals } from '@bufbuild/protobuf';
import { ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import type { OnnxPool } from '../../onnx-pool/job.ts';
import type { ServedModel } from '../infer/served-model.ts';
import { StatusError } from '../status-error.ts';
import { loadModel, releaseModel } from './load-model.ts';
import type { VersionSource } from './read-model-folder.ts';
import { createServedVersion, type ModelHost, type ServedVersion } from './served-version.ts';
import type { VersionState, VersionTable } from './version-table.ts';

type Loaded = { readonly source: VersionSource; readonly model: ServedModel };
type Failed = { readonly source: VersionSource; readonly reason: string };

/**
 * Brings a model's table to the versions that are wanted. New ones, and those whose files or configuration changed, are loaded
 * beside the old, which answer meanwhile; then all are switched at once. When one cannot be loaded, every version stays as it
 * was. Those that did not change are left alone.
 * @returns the versions that nobody finds any more, to be retired
 * @throws StatusError `INVALID_ARGUMENT` in Triton's words: no version, or why which of them cannot be loaded; what `closing`
 * fired with, when it did
 */
export async function loadVersions(
  name: string,
  table: VersionTable,
  sources: readonly VersionSource[],
  host: ModelHost,
  closing: AbortSignal,
): Promise<readonly ServedVersion[]> {
  if (sources.length === 0) {
    throw loadFailed(name, `at least one version must be available under the version policy of model '${name}'`);
  }
  const changed = sources.filter(source => !isServed(table, source));
  const absent = changed.map(({ version }) => version).filter(version => table.get(version)?.state !== 'READY');
  table.set(absent.map(version => [version, { state: 'LOADING' }]));
  const { loaded, failed } = await loadAll(changed, host.pool, closing);
  if (failed.length > 0 || closing.aborted) {
    const reasons = new Map(failed.map(({ source, reason }) => [source.version, reason]));
    const reasonOf = (version: string): string => reasons.get(version) ?? 'unloaded';
    table.set(absent.map(version => [version, { state: 'UNAVAILABLE', reason: reasonOf(version) }]));
    for (const { model } of loaded) await releaseModel(host.pool, model);
    closing.throwIfAborted();
    const texts = failed.map(({ source, reason }) => `version ${source.version} is at UNAVAILABLE state: ${reason};`);
    throw loadFailed(name, texts.join(''));
  }
  const wanted = new Set(sources.map(({ version }) => version));
  const switched = new Set(changed.map(({ version }) => version));
  const before = table.ready();
  const leaving = before.filter(({ source }) => !wanted.has(source.version));
  table.set([
    ...leaving.map(({ source }): [string, VersionState] => [source.version, { state: 'UNLOADING' }]),
    ...loaded.map(({ source, model }): [string, VersionState] => [
      source.version,
      { state: 'READY', served: createServedVersion(host, source, model) },
    ]),
  ]);
  return [...leaving, ...before.filter(({ source }) => switched.has(source.version))];
}

async function loadAll(
  sources: readonly VersionSource[],
  pool: OnnxPool,
  signal: AbortSignal,
): Promise<{ readonly loaded: readonly Loaded[]; readonly failed: readonly Failed[] }> {
  const loaded: Loaded[] = [];
  const failed: Failed[] = [];
  for (const source of sources) {
    if (signal.aborted) break;
    try {
      loaded.push({ source, model: await loadModel(pool, source, signal) });
    } catch (error) {
      failed.push({ source, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { loaded, failed };
}

/** Whether the version answers already, from the same files under the same configuration. */
function isServed(table: VersionTable, source: VersionSource): boolean {
  const state = table.get(source.version);
  if (state?.state !== 'READY') return false;
  const { modelPath, files, config } = state.served.source;
  return modelPath === source.modelPath && files === source.files && equals(ModelConfigSchema, config, source.config);
}

function loadFailed(name: string, text: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', `load failed for model '${name}': ${text}\n`);
}
