import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { readText } from '../../../../face_id_api/cli/read-text.ts';
import { runProgram } from '../../../../face_id_api/cli/run-program.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

/** A command that does this, and how it ended. */
async function run(work: () => Promise<unknown>, args: readonly string[] = []) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  let code = 0;
  const load = () => new Command('work').option('--json').action(async () => void (await work()));
  await runProgram({
    ...{ args: ['work', ...args], commands: { work: { summary: 'works', load } }, version: '1.2.3', output, errors },
    signal: new AbortController().signal,
    setExitCode: given => {
      code = given;
    },
  });
  output.end();
  errors.end();
  return { code, output: await text(output), errors: await text(errors) };
}

describe('what the operating system refuses', () => {
  it.each([
    ['/nope/x: no such file or folder', () => readFile('/nope/x')],
    ['/tmp: is a folder, where a file is expected', () => readText('/tmp')],
    ['/tmp: is a folder, where a file is expected', () => writeFile('/tmp', '')],
    ['/etc/passwd/x: a file stands where a folder is expected', () => readFile('/etc/passwd/x')],
  ])('is said in a sentence: %s', async (said, work) => {
    expect(await run(work)).toEqual({ code: 1, output: '', errors: `${said}\n` });
  });

  it('is said of what is made where something stands', async () => {
    const folder = await tempFolder();
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    const { mkdir } = await import('node:fs/promises');
    expect((await run(() => mkdir(file, { recursive: true }))).errors).toBe(
      `${file}: a file stands where a folder is expected\n`,
    );
    expect((await run(() => open(file, 'wx'))).errors).toBe(`${file}: exists already\n`);
    expect((await run(() => mkdtemp(path.join(file, 'x')))).errors).toMatch(
      /a file stands where a folder is expected$/m,
    );
  });

  it('is said by its code where there are no words for it', async () => {
    const refused = Object.assign(new Error('EXDEV: cross-device link, rename'), { code: 'EXDEV', syscall: 'rename' });
    expect((await run(() => Promise.reject(refused))).errors).toBe('EXDEV: cross-device link, rename\n');
    const named = Object.assign(refused, { path: '/a' });
    expect((await run(() => Promise.reject(named))).errors).toBe('/a: EXDEV: cross-device link, rename\n');
  });

  it('is one document with --json', async () => {
    const { code, output, errors } = await run(() => readFile('/nope/x'), ['--json']);
    expect({ code, errors }).toEqual({ code: 1, errors: '' });
    expect(JSON.parse(output)).toEqual({
      ...{ command: 'work', exit_code: 1, result: null },
      error: { code: 'FAILED', message: '/nope/x: no such file or folder', status: null, request_id: null },
    });
  });
});

it('leaves faults of our own their stack', async () => {
  const badDescriptor = Object.assign(new Error('EBADF: bad file descriptor'), { code: 'EBADF', syscall: 'read' });
  const wrongArgument = () => readFile(undefined as unknown as string);
  const faults = [() => Promise.reject(new TypeError('x is not a function')), () => Promise.reject(badDescriptor)];
  for (const work of [...faults, wrongArgument]) await expect(run(work)).rejects.toThrow();
});
