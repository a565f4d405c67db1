import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);

/** Null where a registry answers; otherwise why tests of installed packages are skipped. */
export const noRegistry = await run('npm', ['view', 'openapi-fetch', 'version'], { timeout: 60_000 }).then(
  () => null,
  error => `no npm registry answers: ${String(error.stderr ?? error).split('\n')[0]}`,
);

export type Installed = {
  /** An empty folder of a user's, but for node_modules. */
  readonly directory: string;
  /** The file in node_modules/.bin. */
  bin(name: string): string;
  remove(): Promise<void>;
};

/** Packs what `build` makes and installs it in an empty folder, from the registry; before it what runs or reads it. */
export async function installPackage(
  build: (directory: string) => Promise<void>,
  ...before: readonly string[]
): Promise<Installed> {
  const home = await mkdtemp(path.join(tmpdir(), 'face-id-package-'));
  const directory = path.join(home, 'user');
  await mkdir(directory);
  await writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
  await build(path.join(home, 'package'));
  const packed = await run('npm', ['pack', '--json', '--pack-destination', home], { cwd: path.join(home, 'package') });
  const [{ filename }] = JSON.parse(packed.stdout);
  const install = (...args: string[]) =>
    run('npm', ['install', '--no-audit', '--no-fund', ...args], { cwd: directory, maxBuffer: 2 ** 26 });
  // The package `node` puts its program into place by a script.
  if (before.length > 0) await install(...before);
  await install('--ignore-scripts', path.join(home, filename));
  return {
    directory,
    bin: name => path.join(directory, 'node_modules/.bin', name),
    remove: () => rm(home, { recursive: true }),
  };
}
