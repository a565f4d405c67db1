import type { Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import { systemErrorText } from './system-error.ts';
import { withExamples } from './with-examples.ts';
import { errorToJson, errorToText } from './write-answer.ts';

/** A command in a line, and where it comes from when it is wanted. */
export type ListedCommand = { readonly summary: string; readonly load: () => Command | Promise<Command> };

export type ProgramOptions = {
  /** Without the program's own name. */
  readonly args: readonly string[];
  /** In the order of the help. */
  readonly commands: Readonly<Record<string, ListedCommand>>;
  readonly version: string;
  readonly output: Writable;
  readonly errors: Writable;
  /** Aborted when somebody pressed Ctrl-C. */
  readonly signal: AbortSignal;
  readonly setExitCode: (code: ExitCode) => void;
};

/** Errors that are the operator's to read, besides what the system refuses; anything else is a fault of ours, and its stack is wanted. */
const forPeople = [
  'ConfigError',
  'StartError',
  'GalleryError',
  'EncryptionError',
  'KeysError',
  'ModelError',
  'EvaluationError',
  'CliError',
  'FaceIdError',
];

/** Runs what the arguments say. Only a command that is named is loaded. Rejects with what is nobody's fault but ours. */
export async function runProgram(options: ProgramOptions): Promise<void> {
  const { args, commands, output, errors, signal, setExitCode } = options;
  const program = await createProgram(options);
  let running = args.find(argument => argument in commands) ?? '';
  program.hook('preAction', (_, action) => {
    running = namesOf(action).join(' ');
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (signal.aborted) return setExitCode(exitCodes.interrupted);
    const isUsage = error instanceof CommanderError;
    if (isUsage && error.exitCode === 0) return;
    const told = toPeople(error);
    if (told === null) throw error;
    if (args.includes('--json')) output.write(errorToJson(running, told));
    // What is typed wrong has been said by commander.
    else if (!isUsage) errors.write(errorToText(told));
    setExitCode(exitCodeOf(told));
  }
}

/** The error as it is told; null: it is a fault of ours. */
function toPeople(error: unknown): Error | null {
  if (error instanceof CommanderError) {
    return new CliError('USAGE', error.message.replace(/^error: /, ''), exitCodes.usage);
  }
  const refused = systemErrorText(error);
  if (refused !== null) return new CliError('FAILED', refused, exitCodes.failed, { cause: error });
  return error instanceof Error && forPeople.includes(error.name) ? error : null;
}

async function createProgram({ args, commands, version, output, errors }: ProgramOptions): Promise<Command> {
  const program = withExamples(
    new Command('face-id')
      .description('Photo in, identity out: a face-identity service of your own, and the commands to use it.')
      .version(version)
      // A command's options are its own: those inside it may have options of the same names.
      .enablePositionalOptions()
      .showSuggestionAfterError(),
    ['serve', 'enrol 2576 ann.jpg', 'infer group.jpg --draw drawn.jpg', 'verify a.jpg b.jpg', 'doctor'],
  );
  for (const [name, { summary, load }] of Object.entries(commands)) {
    program.addCommand(args.includes(name) ? (await load()).summary(summary) : new Command(name).description(summary));
  }
  const streams = {
    writeOut: (text: string) => void output.write(text),
    writeErr: (text: string) => void errors.write(text),
  };
  settle(program, command => command.exitOverride().configureOutput(streams));
  return program;
}

/** `identities`, `list`: without the program itself. */
function namesOf(command: Command): string[] {
  return command.parent === null ? [] : [...namesOf(command.parent), command.name()];
}

/** Commander would end the process itself, with 1 for what is typed wrong. */
function settle(command: Command, how: (command: Command) => void): void {
  how(command);
  for (const inner of command.commands) settle(inner, how);
}
