/** Repeats work until it is stopped. */
export type Polling = {
  /** Resolves when no work runs and none will. */
  stop(): Promise<void>;
};

/** Runs `work` again and again, `intervalMs` after it has ended. A rejection goes to `onFailure`, and the next run follows. */
export function startPolling(
  work: () => Promise<void>,
  intervalMs: number,
  onFailure: (error: unknown) => void,
): Polling {
  let running = Promise.resolve();
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  function next(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = work().catch(onFailure).finally(next);
    }, intervalMs);
  }

  next();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
