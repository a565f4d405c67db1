import { StatusError } from '../status-error.ts';

/** Work on models, one at a time for each. */
export type Turns = {
  /**
   * Runs `work` once all earlier work on the same model has ended.
   * @param bytes that it holds until it has ended; where nothing else holds any, they may be too many
   * @throws StatusError `UNAVAILABLE` when too much work, or work of too many bytes, waits or runs; whatever `work` throws
   */
  take<Result>(model: string, bytes: number, work: () => Promise<Result>): Promise<Result>;
  /** Resolves when nothing waits or runs. */
  settled(): Promise<void>;
};

export type TurnLimits = {
  /** Loads and unloads that may wait or run, of all models together, and the bytes that they hold. */
  readonly maxPending: number;
  readonly maxBytes: number;
};

export function createTurns({ maxPending, maxBytes }: TurnLimits): Turns {
  const last = new Map<string, Promise<unknown>>();
  let pending = 0;
  let held = 0;

  return {
    async take(model, bytes, work) {
      if (pending >= maxPending || (held > 0 && held + bytes > maxBytes)) {
        const text = `${pending} loads and unloads of ${held} bytes wait or run, of ${maxPending} and ${maxBytes} at most`;
        throw new StatusError('UNAVAILABLE', `${text}: ask again later`);
      }
      pending++;
      held += bytes;
      const mine = (last.get(model) ?? Promise.resolve()).then(work, work);
      last.set(model, mine);
      try {
        return await mine;
      } finally {
        pending--;
        held -= bytes;
        if (last.get(model) === mine) last.delete(model);
      }
    },
    async settled() {
      while (last.size > 0) await Promise.allSettled(last.values());
    },
  };
}
