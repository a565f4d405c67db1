import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../../../face_id_api/cli/exit-codes.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const page = await readFile(path.join(root, 'docs/cli.md'), 'utf8');

/** What a command's help says, as the program prints it. */
async function helpOf(...command: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, ['main.ts', ...command, '--help'], { cwd: root })).stdout;
}

const commandsIn = (help: string): string[] =>
  [...(help.split('Commands:')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\S+)/gm)]
    .map(([, name = '']) => name)
    .filter(name => name !== 'help');

describe('docs/cli.md', () => {
  it('has a chapter for every command, each with an example that begins with it', async () => {
    const commands = commandsIn(await helpOf());
    expect(commands.length).toBeGreaterThan(9);
    const chapters = new Map(page.split(/^## /m).map(text => [text.split('\n')[0] ?? '', text]));
    for (const name of commands) expect(chapters.get(name), name).toContain(`$ face-id ${name}`);
  });

  it('shows every command of identities', async () => {
    for (const name of commandsIn(await helpOf('identities'))) expect(page).toContain(`$ face-id identities ${name}`);
  });

  it('lists every exit code and no other', () => {
    const listed = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(exitCodes));
  });

  it('names options that there are', async () => {
    const help = (
      await Promise.all(
        [
          ['infer'],
          ['enrol'],
          ['verify'],
          ['identities', 'list'],
          ['identities', 'consent'],
          ['identities', 'delete'],
          ['review', 'unknowns'],
          ['review', 'enrol'],
          ['gallery', 'export'],
          ['gallery', 'sweep'],
          ['gallery', 'enrol-csv'],
          ['gallery', 'reembed'],
          ['keys', 'add'],
          ['demo'],
          ['eval'],
          ['eval', 'open-set'],
        ].map(args => helpOf(...args)),
      )
    ).join('\n');
    const named = new Set([...page.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([option]) => option));
    named.delete('--help');
    expect([...named].filter(option => !help.includes(option))).toEqual([]);
  });
});
