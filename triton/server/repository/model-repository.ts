import type { ServedModel } from '../infer/served-model.ts';
import { parseModelVersion } from '../parse-model-version.ts';
import { StatusError } from '../status-error.ts';
import type { TritonLogger } from '../triton-logger.ts';
import {
  type ControlParameters,
  checkUnloadParameters,
  type LoadOverride,
  readLoadParameters,
} from './load-parameters.ts';
import { isEveryModel, type ModelControl } from './model-control.ts';
import { createModelSlot, type ModelSlot } from './model-slot.ts';
import { readModel } from './read-model.ts';
import { listModelFolders } from './read-model-folder.ts';
import { type ModelStatus, toStatuses } from './ready-table.ts';
import { createScan, loadSeveral } from './scan-repository.ts';
import type { ModelHost } from './served-version.ts';
import { startPolling } from './start-polling.ts';
import { createTurns } from './turns.ts';
import type { IndexEntry, ReadyVersion } from './version-table.ts';

/** The models of a folder, as they are loaded and unloaded. */
export type ModelRepository = {
  /**
   * A version that can be asked, with its model's ready versions; an empty `version` is the latest one.
   * @throws StatusError in Triton's words: unknown model or version, none available, not ready, not a version
   */
  find(name: string, version: string): ReadyVersion;
  /** Whether that version, or any when `version` is empty, answers. Unknown ones do not. @throws StatusError for a bad version */
  isReady(name: string, version: string): boolean;
  /**
   * Whether every model is ready, as a real Triton counts: one that has no version, that loads, unloads or could not be loaded is
   * not; one that was unloaded does not count; one whose configuration cannot be read is no model. False once closing.
   */
  readonly allReady: boolean;
  /** The versions that answer, by model and ascending. */
  readyVersions(): readonly ServedModel[];
  /** Every folder of the repository, with what is known of its versions. @throws StatusError when the repository cannot be read */
  index(): Promise<readonly IndexEntry[]>;
  /** Of every model that was to be loaded. */
  statuses(): readonly ModelStatus[];
  /**
   * Loads the model from its folder, or from what the parameters bring in its place, and resolves when it is ready. One that is
   * served already is served by its old versions until then; when nothing changed, nothing happens.
   * @throws StatusError in Triton's words: not in this mode, bad parameters, a model that cannot be read or loaded
   */
  load(name: string, parameters: ControlParameters): Promise<void>;
  /** Takes a model away; what is under way is answered. @throws StatusError in Triton's words: not in this mode, bad parameters */
  unload(name: string, parameters: ControlParameters): Promise<void>;
  /** Refuses what waits, finishes what runs, releases every session. */
  close(): Promise<void>;
};

export type RepositoryOptions = { readonly control: ModelControl; readonly logger?: TritonLogger };

/** Of loads and unloads that wait or run; the bytes are those of files that came with a load. */
const turnLimits = { maxPending: 256, maxBytes: 512 * 1024 * 1024 };

const noOverride: LoadOverride = { files: new Map() };

/**
 * Opens a repository and loads what is to be served at the start. A model that cannot be loaded is told to the logger, and the
 * others are served. Rejects when the repository cannot be read.
 */
export async function openRepository(
  directory: string,
  host: ModelHost,
  { control, logger }: RepositoryOptions,
): Promise<ModelRepository> {
  const slots = new Map<string, ModelSlot>();
  /** Why what was to be a model is none. */
  const unreadable = new Map<string, string>();
  const turns = createTurns(turnLimits);
  const closing = new AbortController();
  const onFailure = (error: unknown): void => logger?.error({ err: error }, 'the model repository failed');

  const scan = createScan(directory, { load: loadUnasked, unload: unloadUnasked });
  if (control.mode === 'explicit') await loadAtStart(control.loadModels);
  else await scan();
  const polling = control.mode === 'poll' ? startPolling(scan, control.intervalMs, onFailure) : undefined;

  async function loadAtStart(loadModels: readonly string[]): Promise<void> {
    const all = await listModelFolders(directory);
    await loadSeveral(isEveryModel(loadModels) ? all : loadModels, loadUnasked);
  }

  async function loadUnasked(name: string): Promise<void> {
    unreadable.delete(name);
    await load(name, noOverride).catch(error => {
      if (!slots.has(name)) unreadable.set(name, messageOf(error.cause ?? error));
    });
  }

  async function unloadUnasked(name: string): Promise<void> {
    unreadable.delete(name);
    await unload(name);
  }

  function load(name: string, override: LoadOverride): Promise<void> {
    const bytes = override.files.values().reduce((sum, { byteLength }) => sum + byteLength, 0);
    return turns.take(name, bytes, async () => {
      closing.signal.throwIfAborted();
      try {
        await loadNow(name, override);
      } catch (error) {
        const reason = messageOf(error instanceof StatusError && error.cause ? error.cause : error);
        if (!closing.signal.aborted) logger?.warn({ model: name, reason }, 'model is not available');
        throw error;
      }
    });
  }

  async function loadNow(name: string, override: LoadOverride): Promise<void> {
    const folder = await readModel(directory, name, override).catch(cause => {
      const text = `failed to load '${name}', failed to poll from model repository`;
      throw new StatusError('INTERNAL', text, { cause });
    });
    const slot = slots.get(name) ?? createModelSlot(name, host, closing.signal, onFailure);
    slots.set(name, slot);
    const isOverride = override.config !== undefined || override.files.size > 0;
    if (isOverride || !slot.isLoadedFrom(folder)) await slot.load(folder);
  }

  function unload(name: string): Promise<void> {
    return turns.take(name, 0, async () => {
      if (!closing.signal.aborted) slots.get(name)?.unload();
    });
  }

  function refuseUnlessExplicit(): void {
    if (control.mode === 'explicit') return;
    // In mode `none` too, as a real Triton says it.
    throw new StatusError('UNAVAILABLE', 'explicit model load / unload is not allowed if polling is enabled');
  }

  return {
    find(name, versionText) {
      const version = parseModelVersion(versionText);
      const slot = slots.get(name);
      if (slot === undefined) throw new StatusError('NOT_FOUND', `Request for unknown model: '${name}' is not found`);
      return slot.table.find(version);
    },
    isReady(name, versionText) {
      const version = parseModelVersion(versionText);
      return slots.get(name)?.table.isReady(version) ?? false;
    },
    get allReady() {
      return !closing.signal.aborted && [...slots.values()].every(({ table }) => table.isWhole);
    },
    readyVersions: () =>
      [...slots.keys()].sort().flatMap(
        name =>
          slots
            .get(name)
            ?.table.ready()
            .map(({ model }) => model) ?? [],
      ),
    async index() {
      const names = await listModelFolders(directory).catch(cause => {
        throw new StatusError('INTERNAL', 'the model repository cannot be read', { cause });
      });
      return names.flatMap(name => slots.get(name)?.table.index() ?? [neverLoaded(name)]);
    },
    statuses: () =>
      [...new Set([...slots.keys(), ...unreadable.keys()])]
        .sort()
        .flatMap(name => toStatuses(name, slots.get(name)?.table.index() ?? [], unreadable.get(name))),
    async load(name, parameters) {
      const override = readLoadParameters(parameters);
      refuseUnlessExplicit();
      await load(name, override);
    },
    async unload(name, parameters) {
      checkUnloadParameters(parameters);
      refuseUnlessExplicit();
      await unload(name);
    },
    async close() {
      closing.abort(new StatusError('UNAVAILABLE', 'the server is shutting down'));
      const closeSlots = () => Promise.all([...slots.values()].map(slot => slot.close()));
      await closeSlots();
      await polling?.stop();
      await turns.settled();
      // What a load was about to switch when closing began.
      await closeSlots();
    },
  };
}

function neverLoaded(name: string): IndexEntry {
  return { name, version: '', state: '', reason: '' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
