import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runProgram } from '../../../face_id_api/cli/run-program.ts';
import type { CliDeps } from '../../../face_id_api/cli/service-command.ts';
import { serviceCommands } from '../../../face_id_api/cli/service-commands.ts';

export type Said = {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
  readonly counted: number;
};

export type InProcess = {
  /** Where the service is; without it nothing answers. */
  readonly url?: string;
  readonly apiKey?: string;
  /** Standard input. */
  readonly input?: string | Buffer;
  readonly signal?: AbortSignal;
};

/** The commands that ask a service, run here: what they wrote and how they ended. */
export async function faceId(args: readonly string[], given: InProcess = {}): Promise<Said> {
  const { url = 'http://127.0.0.1:9', apiKey, input = '', signal = new AbortController().signal } = given;
  const [output, errors] = [new PassThrough(), new PassThrough()];
  let [code, counted] = [0, 0];
  const setExitCode = (given: number): void => {
    code = given;
  };
  const deps: CliDeps = {
    ...{ url, apiKey, output, errors, signal, setExitCode },
    input: Readable.from([Buffer.from(input)]),
    progress: () => ({ start: () => {}, step: () => void counted++, done: () => {} }),
    concurrency: 2,
  };
  const commands = serviceCommands(deps);
  await runProgram({ args, commands, version: '1.2.3', output, errors, signal, setExitCode });
  output.end();
  errors.end();
  return { code, output: await text(output), errors: await text(errors), counted };
}

/** What `--json` printed. */
export async function faceIdJson(args: readonly string[], given: InProcess = {}) {
  const said = await faceId([...args, '--json'], given);
  return { code: said.code, errors: said.errors, ...JSON.parse(said.output) };
}
