import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildPackage } from '../../triton/client/package/build-package.ts';
import { describeClientExamples, type InstalledClient } from '../contract/triton/client-examples.ts';
import { openEmbedded } from '../contract/triton/open-embedded-triton.ts';

const run = promisify(execFile);
const ours = path.resolve(import.meta.dirname, '../../node_modules');

/** As npm would lay it out, without a registry: the packed package, and links to what it depends on. */
async function installLinked(): Promise<InstalledClient> {
  const home = await mkdtemp(path.join(tmpdir(), 'triton-client-package-'));
  const modules = path.join(home, 'user/node_modules');
  await buildPackage(path.join(home, 'package'));
  const packed = await run('npm', ['pack', '--json', '--pack-destination', home], { cwd: path.join(home, 'package') });
  const [{ filename }] = JSON.parse(packed.stdout);
  const target = path.join(modules, 'triton-inference-client');
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', path.join(home, filename), '--strip-components=1', '-C', target]);
  for (const name of ['@grpc', '@bufbuild', '@types']) await symlink(path.join(ours, name), path.join(modules, name));
  return {
    directory: path.join(home, 'user'),
    nodes: [process.execPath],
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

describeClientExamples('the embedded Triton', installLinked, openEmbedded);
