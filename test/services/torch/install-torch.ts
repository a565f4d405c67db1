import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { installOnce } from '../install-once.ts';

/** A Python that has torch and facenet-pytorch, or why none could be installed. */
export type Torch = { readonly python: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    torch: Torch;
  }
}

const root = path.resolve(import.meta.dirname, '../../..');
const script = path.join(import.meta.dirname, 'install.sh');
const target = path.join(root, '.cache/peer');

/** vitest's global setup, after Triton's: installs facenet-pytorch where the benchmark looks for it too. */
export default async function installTorch(project: TestProject): Promise<void> {
  const reason = await installOnce({
    target,
    recipe: [script, path.join(root, 'test/bench/install-peer.sh')],
    scripts: [{ file: script, args: [target, path.join(root, '.cache/triton')] }],
  });
  const missing = `torch for TorchScript could not be installed: ${reason}`;
  project.provide('torch', reason === null ? { python: path.join(target, 'bin/python') } : { missing });
}
