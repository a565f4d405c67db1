import { spawn } from 'node:child_process';

export type CommandResult = {
  /** `missing`: there is no such program. `timeout`: it was killed. */
  readonly kind: 'exited' | 'missing' | 'timeout';
  readonly code: number | null;
  /** The first 64 KiB at most. */
  readonly stderr: string;
};

const maxStderrBytes = 64 * 1024;

/**
 * Runs a program without a shell and waits for it. It is killed when it takes longer than `timeoutMs`, or when
 * `signal` fires: then this rejects with the signal's reason, after the program has ended.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
  const kill = (): void => void child.kill('SIGKILL');
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs);
  options.signal.addEventListener('abort', kill);
  const chunks: Buffer[] = [];
  let held = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    if (held < maxStderrBytes) chunks.push(chunk);
    held += chunk.length;
  });
  try {
    const ended = await new Promise<{ missing: boolean; code: number | null }>(resolve => {
      // Without a program there is an error and no exit; a failed kill is an error too, and its exit still comes.
      child.once('error', () => child.pid === undefined && resolve({ missing: true, code: null }));
      child.once('close', code => resolve({ missing: false, code }));
      // A killed program's own children may hold stderr open: its exit is then enough.
      child.once('exit', code => child.killed && resolve({ missing: false, code }));
    });
    options.signal.throwIfAborted();
    const stderr = Buffer.concat(chunks).toString('utf8').slice(0, maxStderrBytes);
    return { kind: ended.missing ? 'missing' : timedOut ? 'timeout' : 'exited', code: ended.code, stderr };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', kill);
    child.stderr.destroy();
  }
}
