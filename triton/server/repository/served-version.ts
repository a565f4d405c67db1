import { createModelExecutor, type ExecutorHost, type ModelExecutor } from '../infer/model-executor.ts';
import type { ServedModel } from '../infer/served-model.ts';
import type { TritonMetrics } from '../prom-metrics.ts';
import { releaseModel } from './load-model.ts';
import type { VersionSource } from './read-model-folder.ts';

/** What models run on, and by what they are bounded and counted. */
export type ModelHost = ExecutorHost & { readonly metrics: TritonMetrics };

/** One load of one version, from when it can answer until its last answer. */
export type ServedVersion = {
  readonly source: VersionSource;
  readonly model: ServedModel;
  readonly executor: ModelExecutor;
  /** Answers what it was given, then drops its sessions. Nobody may give it more. */
  retire(): Promise<void>;
  /** The same, but what waits is refused. */
  close(): Promise<void>;
};

export function createServedVersion(
  { metrics, ...host }: ModelHost,
  source: VersionSource,
  model: ServedModel,
): ServedVersion {
  const { name, version } = model;
  const counted = metrics.forModel({ name, version, pending: () => executor.waiting() });
  const executor = createModelExecutor(host, model, counted);
  let unanswered = 0;
  let becomeIdle: (() => void) | undefined;
  let ending: Promise<void> | undefined;

  function answered(): void {
    unanswered--;
    if (unanswered === 0) becomeIdle?.();
  }

  async function end(): Promise<void> {
    if (unanswered > 0) {
      await new Promise<void>(resolve => {
        becomeIdle = resolve;
      });
    }
    await executor.close();
    await releaseModel(host.pool, model);
  }

  const retire = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  return {
    source,
    model,
    executor: {
      ...executor,
      infer(request, signal) {
        unanswered++;
        return executor.infer(request, signal).finally(answered);
      },
    },
    retire,
    async close() {
      await executor.close();
      await retire();
    },
  };
}
