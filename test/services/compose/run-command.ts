import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Ended = {
  readonly code: number | null;
  /** What it printed, both streams together in the order they came. */
  readonly output: string;
};

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
};

/** Runs a program and waits for its end, whatever its exit code. Rejects where it cannot be started. */
export async function runCommand(
  [program = '', ...args]: readonly string[],
  { cwd, env, timeoutMs = 120_000 }: CommandOptions = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

/** The same for one that has to succeed: what it printed, without white space around it. */
export async function runToSuccess(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, output } = await runCommand(command, options);
  if (code !== 0) throw new Error(`${command.join(' ')}: exit code ${code}\n${output.slice(-8000)}`);
  return output.trim();
}
