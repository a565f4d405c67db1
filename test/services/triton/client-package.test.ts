import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, inject, it } from 'vitest';
import { buildPackage } from '../../../triton/client/package/build-package.ts';
import { describeClientExamples, type InstalledClient } from '../../contract/triton/client-examples.ts';
import { openRealTriton } from './open-real-triton.ts';

const run = promisify(execFile);
const real = inject('realTriton');
const registry = await run('npm', ['view', '@grpc/grpc-js', 'version'], { timeout: 60_000 }).then(
  () => null,
  error => `no npm registry answers: ${String(error.stderr ?? error).split('\n')[0]}`,
);

/** Packs the package and installs it in an empty folder, from the registry, with the oldest Node that it is for. */
async function installFromNpm(): Promise<InstalledClient> {
  const home = await mkdtemp(path.join(tmpdir(), 'triton-client-package-'));
  const directory = path.join(home, 'user');
  await buildPackage(path.join(home, 'package'));
  const packed = await run('npm', ['pack', '--json', '--pack-destination', home], { cwd: path.join(home, 'package') });
  const [{ filename }] = JSON.parse(packed.stdout);
  const packages = [path.join(home, filename), 'node@22', '@types/node@22'];
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', directory, ...packages], { cwd: home });
  return {
    directory,
    nodes: [path.join(directory, 'node_modules/.bin/node'), process.execPath],
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

const missing = registry ?? ('missing' in real ? real.missing : null);
if (missing !== null) {
  describe("the client's package", () => {
    it.skip(`skipped: ${missing}`);
  });
} else if ('run' in real) {
  describeClientExamples('the real NVIDIA Triton', installFromNpm, openRealTriton(real.run));
}
