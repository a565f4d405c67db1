import { type ModelSpec, problemOf } from './check-request.ts';
import { errorOf } from './infer-message.ts';
import type { InferRequest, InferResult } from './triton-client.ts';

export type ModelSpecs = {
  /**
   * Checks a request against its model, which is asked about once: undefined when it may be sent at once. The promise rejects
   * with TritonError `INVALID_ARGUMENT` for a request that the model's server would refuse, and with the error that the
   * question met.
   * @param fetch asks the server; null where it cannot tell, and requests go unchecked
   */
  admit(request: InferRequest, fetch: () => Promise<ModelSpec | null>): Promise<void> | undefined;
  /** An answer of a version that has not answered before: the model was changed, and is asked about again. */
  noteVersion(request: InferRequest, result: InferResult): void;
  /** Forgets all versions of a model. */
  forget(model: string): void;
};

type Entry = {
  readonly spec: Promise<ModelSpec | null>;
  /** `spec`, once it has come. */
  known?: ModelSpec | null;
  servedVersion?: string;
};

/** The memory of what each (model, version) takes. */
export function createModelSpecs(): ModelSpecs {
  /** By model, then by the version that requests name. */
  const models = new Map<string, Map<string, Entry>>();

  function entryOf({ model, version = '' }: InferRequest): Entry | undefined {
    return models.get(model)?.get(version);
  }

  function ask(request: InferRequest, fetch: () => Promise<ModelSpec | null>): Entry {
    const { model, version = '' } = request;
    const versions = models.get(model) ?? new Map<string, Entry>();
    const entry: Entry = { spec: fetch() };
    models.set(model, versions.set(version, entry));
    entry.spec.then(
      spec => {
        entry.known = spec;
      },
      () => remove(request, entry),
    );
    return entry;
  }

  function remove({ model, version = '' }: InferRequest, entry: Entry): void {
    const versions = models.get(model);
    if (versions?.get(version) !== entry) return;
    versions.delete(version);
    if (versions.size === 0) models.delete(model);
  }

  async function admitSlowly(request: InferRequest, fetch: () => Promise<ModelSpec | null>): Promise<void> {
    const remembered = entryOf(request);
    const entry = remembered ?? ask(request, fetch);
    if (!isRefused(request, await entry.spec)) return;
    // What is remembered may be out of date: nobody is refused for what the model was before.
    if (remembered !== undefined) remove(request, entry);
    const spec = remembered === undefined ? await entry.spec : await (entryOf(request) ?? ask(request, fetch)).spec;
    const problem = spec === null ? undefined : problemOf(request, spec);
    if (problem !== undefined) throw errorOf('INVALID_ARGUMENT', problem, request);
  }

  return {
    admit(request, fetch) {
      const known = entryOf(request)?.known;
      if (known !== undefined && !isRefused(request, known)) return undefined;
      return admitSlowly(request, fetch);
    },
    noteVersion(request, { version }) {
      const entry = entryOf(request);
      if (entry === undefined) return;
      if (entry.servedVersion !== undefined && entry.servedVersion !== version) remove(request, entry);
      else entry.servedVersion = version;
    },
    forget(model) {
      models.delete(model);
    },
  };
}

function isRefused(request: InferRequest, spec: ModelSpec | null): boolean {
  return spec !== null && problemOf(request, spec) !== undefined;
}
