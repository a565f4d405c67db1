/** How often npm's shell is looked for, in milliseconds. */
const lookEvery = 500;

/**
 * Calls `stop` at SIGINT or SIGTERM. With `byNpm` also once this process' parent is gone: npm passes a signal on to the shell that it runs
 * a script in, and some shells go without passing it further.
 */
export function whenToldToStop(stop: () => void, { byNpm }: { readonly byNpm: boolean }): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  if (!byNpm) return;
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    // Whoever else listens is told as well.
    process.kill(process.pid, 'SIGTERM');
  }, lookEvery).unref();
}
