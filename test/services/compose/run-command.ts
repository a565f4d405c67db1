import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Ended = {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams together, in the order they came. */
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
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, output };
}

/** The same for one that has to succeed: its standard output, without white space around it. */
export async function runToSuccess(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, output } = await runCommand(command, options);
  if (code !== 0) throw new Error(`${command.join(' ')}: exit code ${code}\n${output.slice(-8000)}`);
  return stdout.trim();
}
