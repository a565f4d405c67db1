import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

/** Where the server was installed, or why it could not be. */
export type RealTriton = { readonly run: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    realTriton: RealTriton;
  }
}

const here = import.meta.dirname;
const root = path.resolve(here, '../../..');
const target = path.join(root, '.cache/triton');
const recipe = ['install.sh', 'backends/onnxruntime/model.py'];

/** vitest's global setup: installs the server into .cache/triton once, again when the recipe has changed. */
export default async function installRealTriton(project: TestProject): Promise<void> {
  project.provide('realTriton', await install());
}

async function install(): Promise<RealTriton> {
  const run = path.join(target, 'run.sh');
  const marker = path.join(target, 'installed');
  const texts = await Promise.all(recipe.map(file => readFile(path.join(here, file), 'utf8')));
  const sum = createHash('sha256').update(texts.join('\0')).digest('hex');
  if ((await readFile(marker, 'utf8').catch(() => '')) === sum) return { run };
  try {
    await mkdir(target, { recursive: true });
    await promisify(execFile)(path.join(here, '../install.sh'), { timeout: 300_000 });
    await promisify(execFile)(path.join(here, 'install.sh'), [target], { timeout: 600_000 });
    await writeFile(marker, sum);
    return { run };
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const reason = stderr.split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
    return { missing: `NVIDIA Triton could not be installed from PyPI: ${reason}` };
  }
}
