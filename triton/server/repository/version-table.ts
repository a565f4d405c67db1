import type { ModelExecutor } from '../infer/model-executor.ts';
import type { ServedModel } from '../infer/served-model.ts';
import { StatusError } from '../status-error.ts';
import type { ServedVersion } from './served-version.ts';

/** A version's state, as Triton's index names it. `reason` 'unloaded': nobody wants it to be there. */
export type VersionState =
  | { readonly state: 'READY'; readonly served: ServedVersion }
  | { readonly state: 'LOADING' | 'UNLOADING' }
  | { readonly state: 'UNAVAILABLE'; readonly reason: string };

/** A line of the repository's index. A model that was never loaded has no version, no state and no reason. */
export type IndexEntry = {
  readonly name: string;
  readonly version: string;
  readonly state: VersionState['state'] | '';
  readonly reason: string;
};

/** A version that can be asked, with the versions to name with it. */
export type ReadyVersion = {
  readonly model: ServedModel;
  readonly executor: ModelExecutor;
  readonly versions: readonly string[];
};

/** The versions of one model that is, or was, to be served. */
export type VersionTable = {
  /** @throws StatusError in Triton's words: unknown version, none available, not ready */
  find(version: string | null): ReadyVersion;
  /** Whether that version, or any when `version` is null, answers. */
  isReady(version: string | null): boolean;
  /** Whether every version that was not unloaded answers, and there is any version at all. */
  readonly isWhole: boolean;
  get(version: string): VersionState | undefined;
  /** The versions that answer, ascending. */
  ready(): readonly ServedVersion[];
  /** Changes states all at once: no request sees some of them changed and others not. */
  set(changes: Iterable<readonly [version: string, state: VersionState]>): void;
  index(): readonly IndexEntry[];
};

export function createVersionTable(name: string): VersionTable {
  let states: ReadonlyMap<string, VersionState> = new Map();
  let ready: readonly ServedVersion[] = [];
  // Made when states change, because every request asks.
  let latest: ReadyVersion | undefined;
  let single: ReadonlyMap<string, ReadyVersion> = new Map();

  const unknown = (what: string): StatusError =>
    new StatusError('NOT_FOUND', `Request for unknown model: '${name}' ${what}`);

  return {
    find(version) {
      const found = version === null ? latest : single.get(version);
      if (found !== undefined) return found;
      if (version === null) throw unknown('has no available versions');
      if (!states.has(version)) throw unknown(`version ${version} is not found`);
      const text = `Request for unknown model: '${name}' version ${version} is not at ready state`;
      throw new StatusError('UNAVAILABLE', text);
    },
    isReady: version => (version === null ? latest !== undefined : single.has(version)),
    get isWhole() {
      const isFine = (state: VersionState): boolean =>
        state.state === 'READY' || (state.state === 'UNAVAILABLE' && state.reason === 'unloaded');
      return states.size > 0 && [...states.values()].every(isFine);
    },
    get: version => states.get(version),
    ready: () => ready,
    set(changes) {
      states = new Map([...states, ...changes].sort(([a], [b]) => Number(a) - Number(b)));
      ready = [...states.values()].flatMap(state => (state.state === 'READY' ? [state.served] : []));
      const find = ({ model, executor }: ServedVersion, versions: readonly string[]): ReadyVersion => ({
        model,
        executor,
        versions,
      });
      const newest = ready.at(-1);
      latest =
        newest &&
        find(
          newest,
          ready.map(({ model }) => model.version),
        );
      single = new Map(ready.map(served => [served.model.version, find(served, [served.model.version])]));
    },
    index: () =>
      [...states].map(([version, state]) => ({
        name,
        version,
        state: state.state,
        reason: state.state === 'UNAVAILABLE' ? state.reason : '',
      })),
  };
}
