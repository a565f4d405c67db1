import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../../face_id_api/cli/run-program.ts';
import { createEvalCommand } from '../../../../face_id_api/eval/create-eval-command.ts';

/** How often the engine was started for what was typed, and what was said to it. */
async function run(...args: string[]): Promise<{ started: number; exitCode: number; said: string }> {
  let [started, exitCode] = [0, 0];
  const errors = new PassThrough();
  const { signal } = new AbortController();
  const load = () =>
    createEvalCommand({
      withEngine: async () => {
        started++;
      },
      calibrationDir: 'nowhere',
      progress: () => ({ start() {}, step() {}, done() {} }),
      print: () => {},
      signal,
    });
  await runProgram({
    args: ['eval', ...args],
    commands: { eval: { summary: 'measure', load } },
    version: '0',
    output: new PassThrough(),
    errors,
    signal,
    setExitCode: code => {
      exitCode = code;
    },
  });
  return { started, exitCode, said: await text(errors.end()) };
}

describe('eval', () => {
  it.each([
    [['--data', 'lfw-dev', '--pairs', 'a.txt', '--write']],
    [['open-set', '--data', 'lfw-dev', '--no-faults', '--write', '--out', 'out']],
    [['quality', '--data', 'lfw-dev', '--out', 'out']],
  ])('measures once: %j', async args => {
    expect(await run(...args)).toEqual({ started: 1, exitCode: 0, said: '' });
  });

  it.each([[[]], [['open-set']], [['quality']]])('wants to know which data: %j', async args => {
    const { started, exitCode, said } = await run(...args);
    expect([started, exitCode]).toEqual([0, 2]);
    expect(said).toContain("required option '--data <dir>' not specified");
  });

  it.each([
    [['open-set', '--data', 'lfw-dev', '--pairs', 'a.txt'], "unknown option '--pairs'"],
    [['--data', 'lfw-dev', '--no-faults'], "unknown option '--no-faults'"],
    [['quality', '--data', 'lfw-dev', '--write'], "unknown option '--write'"],
    [['nothing', '--data', 'lfw-dev'], 'too many arguments'],
  ])('does not take one measurement for another: %j', async (args, message) => {
    const { started, exitCode, said } = await run(...args);
    expect([started, exitCode]).toEqual([0, 2]);
    expect(said).toContain(message);
  });
});
