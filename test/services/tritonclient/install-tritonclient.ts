import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { installOnce } from '../install-once.ts';

/** A Python that has NVIDIA's clients, or why they could not be installed. */
export type TritonPython = { readonly python: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    tritonclient: TritonPython;
  }
}

const script = path.join(import.meta.dirname, 'install.sh');
const target = path.resolve(import.meta.dirname, '../../../.cache/tritonclient');

/** vitest's global setup: installs tritonclient into .cache/tritonclient once, again when the recipe has changed. */
export default async function installTritonclient(project: TestProject): Promise<void> {
  const reason = await installOnce({ target, recipe: [script], scripts: [{ file: script, args: [target] }] });
  const missing = `tritonclient could not be installed from PyPI: ${reason}`;
  project.provide('tritonclient', reason === null ? { python: path.join(target, 'venv/bin/python') } : { missing });
}
