import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/**
 * A block of shell in a document. The word behind `sh` in its fence, which no reader sees, says how it is run: `service` is started and
 * goes on, `stopped` runs while no service does. A comment before the fence, `<!-- run by FILE -->`, gives it to another test.
 */
export type ShellBlock = {
  readonly script: string;
  readonly how: 'run' | 'service' | 'stopped';
  /** Path in the repository; null: it is this test's. */
  readonly runBy: string | null;
  /** `docs/api.md:20`. */
  readonly place: string;
};

const fence = /^(?<indent> *)```(?<words>[^\n]*)\n(?<script>.*?)^ *```$/gms;
const shells = ['sh', 'bash', 'shell', 'console'];

/** The blocks of shell of a document, in its order. Throws for one that no test could know what to do with. */
export async function shellBlocks(document: string): Promise<ShellBlock[]> {
  const text = await readFile(path.join(root, document), 'utf8');
  return [...text.matchAll(fence)].flatMap(({ index, groups = {} }) => {
    const { words = '', script = '', indent = '' } = groups;
    const [language = '', how = 'run', ...more] = words.trim().split(/\s+/);
    if (!shells.includes(language)) return [];
    const before = text.slice(0, index);
    const place = `${document}:${before.split('\n').length}`;
    if (language !== 'sh' || more.length > 0 || (how !== 'run' && how !== 'service' && how !== 'stopped')) {
      throw new Error(`${place}: expected sh, sh service or sh stopped behind the fence, got ${words}`);
    }
    const runBy = /<!-- run by (\S+) -->\s*$/.exec(before)?.[1] ?? null;
    return [{ script: script.replaceAll(new RegExp(`^${indent}`, 'gm'), ''), how, runBy, place }];
  });
}

/**
 * What makes documented lines reach a service that listens elsewhere than they say: the lines stay as they are written, and curl itself is
 * told where the ports are, and to fail when the service does.
 */
export function curlSettings(addresses: Readonly<Record<number, string>>): string {
  const to = Object.entries(addresses).map(([port, address]) => `connect-to = "localhost:${port}:${address}"`);
  return [...to, 'fail-with-body', 'silent', 'show-error'].join('\n');
}

/** Runs scripts as one, in `folder`, whose `.curlrc` counts; the first line that fails ends them. `output` is for people. */
export function runShell(
  scripts: readonly string[],
  { folder, env = {} }: { readonly folder: string; readonly env?: Readonly<Record<string, string>> },
): Promise<{ code: unknown; output: string }> {
  const script = ['set -euo pipefail', ...scripts].join('\n');
  const all = { ...outerEnvironment(), HOME: folder, CURL_HOME: folder, no_proxy: '*', ...env };
  return new Promise(resolve => {
    execFile('bash', ['-c', script], { cwd: folder, env: all, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: `${stdout.slice(-2000)}${stderr}` }),
    );
  });
}

/** Without what npm says of the package whose tests these are: an npm inside would believe to be there. */
export function outerEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
}
