import { StatusError } from '../status-error.ts';

/** Work on models, one at a time for each. */
export type Turns = {
  /**
   * Runs `work` once all earlier work on the same model has ended.
   * @throws StatusError `UNAVAILABLE` when too much work waits or runs; whatever `work` throws
   */
  take<Result>(model: string, work: () => Promise<Result>): Promise<Result>;
  /** Resolves when nothing waits or runs. */
  settled(): Promise<void>;
};

/** @param maxPending loads and unloads that may wait or run, of all models together */
export function createTurns(maxPending: number): Turns {
  const last = new Map<string, Promise<unknown>>();
  let pending = 0;

  return {
    async take(model, work) {
      if (pending >= maxPending) {
        throw new StatusError('UNAVAILABLE', `${maxPending} loads and unloads wait or run already: ask again later`);
      }
      pending++;
      const mine = (last.get(model) ?? Promise.resolve()).then(work, work);
      last.set(model, mine);
      try {
        return await mine;
      } finally {
        pending--;
        if (last.get(model) === mine) last.delete(model);
      }
    },
    async settled() {
      while (last.size > 0) await Promise.allSettled(last.values());
    },
  };
}
