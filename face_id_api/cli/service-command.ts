import type { Readable, Writable } from 'node:stream';
import { Command, InvalidArgumentError } from 'commander';
import { createFaceIdClient, type FaceIdClient } from '../client/index.ts';
import type { CountProgress } from '../count-progress.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { withExamples } from './with-examples.ts';
import { toJson } from './write-answer.ts';

export type CliDeps = {
  /** FACE_ID_URL, or where a service of one's own is. */
  readonly url: string;
  /** FACE_ID_API_KEY. Never an option, which other users of the machine would see. */
  readonly apiKey: string | undefined;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
  /** Questions, progress and what went wrong. */
  readonly errors: Writable & { readonly isTTY?: boolean };
  readonly progress: (what: string) => CountProgress;
  /** Requests at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly setExitCode: (code: ExitCode) => void;
};

export type ServiceOptions = {
  readonly url?: string;
  readonly gallery?: string;
  readonly timeout: number;
  readonly json?: true;
};

/** A command that asks a running service: with `--url`, `--gallery`, `--timeout` and `--json`. */
export function serviceCommand(name: string, description: string, examples: readonly string[]): Command {
  return withExamples(
    new Command(name)
      .description(description)
      .option('--url <url>', 'where the service is (default: FACE_ID_URL, or http://127.0.0.1:8004)')
      .option('--gallery <name>', 'the gallery that is meant (default: default)')
      .option('--timeout <seconds>', 'how long one request may take', positiveNumber, 65)
      .option('--json', 'one JSON document, also of an error (docs/cli.md)'),
    examples,
  );
}

export function connect(deps: CliDeps, { url, gallery, timeout }: Omit<ServiceOptions, 'json'>): FaceIdClient {
  const { apiKey, signal } = deps;
  return createFaceIdClient({
    url: url ?? deps.url,
    timeoutMs: 1000 * timeout,
    signal,
    ...(apiKey !== undefined && { apiKey }),
    ...(gallery !== undefined && { gallery }),
  });
}

export type Answer = {
  /** For `--json`. */
  readonly result: unknown;
  /** For people; made only where it is wanted. */
  readonly text: () => string;
  readonly exitCode?: ExitCode;
};

/** Writes what a command found out, and settles how it ends. */
export function answer(deps: CliDeps, command: string, { json }: { readonly json?: true }, given: Answer): void {
  const { result, text, exitCode = exitCodes.done } = given;
  deps.output.write(json ? toJson(command, exitCode, result) : `${text()}\n`);
  deps.setExitCode(exitCode);
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 86_400) return value;
  throw new InvalidArgumentError('expected a number of seconds.');
}
