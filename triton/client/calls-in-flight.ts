import { setTimeout as delay } from 'node:timers/promises';
import type { Cancellable } from './unary-call.ts';

/** The calls of a client that have no answer yet. */
export type CallsInFlight = {
  add(call: Cancellable): void;
  delete(call: Cancellable): void;
  /** Resolves when none is left, or after this time. */
  whenEmpty(timeoutMs: number): Promise<void>;
  cancelAll(): void;
};

export function createCallsInFlight(): CallsInFlight {
  const calls = new Set<Cancellable>();
  const emptied = new AbortController();
  let awaited = false;
  return {
    add(call) {
      calls.add(call);
    },
    delete(call) {
      calls.delete(call);
      if (awaited && calls.size === 0) emptied.abort();
    },
    async whenEmpty(timeoutMs) {
      awaited = true;
      if (calls.size === 0) return;
      // The longest that a timer takes: 24 days.
      await delay(Math.min(timeoutMs, 2 ** 31 - 1), undefined, { signal: emptied.signal }).catch(() => undefined);
    },
    cancelAll() {
      for (const call of calls) call.cancel();
    },
  };
}
