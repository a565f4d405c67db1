import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { installOnce } from '../install-once.ts';

/** Where the server was installed, or why it could not be. */
export type RealTriton = { readonly run: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    realTriton: RealTriton;
  }
}

const here = import.meta.dirname;
const target = path.resolve(here, '../../../.cache/triton');

/** vitest's global setup: installs the server into .cache/triton once, again when the recipe has changed. */
export default async function installRealTriton(project: TestProject): Promise<void> {
  const reason = await installOnce({
    target,
    recipe: ['install.sh', 'backends/onnxruntime/model.py', 'backends/pytorch/model.py'].map(file =>
      path.join(here, file),
    ),
    scripts: [
      { file: path.join(here, '../install.sh'), args: [] },
      { file: path.join(here, 'install.sh'), args: [target] },
    ],
  });
  const missing = `NVIDIA Triton could not be installed from PyPI: ${reason}`;
  project.provide('realTriton', reason === null ? { run: path.join(target, 'run.sh') } : { missing });
}
