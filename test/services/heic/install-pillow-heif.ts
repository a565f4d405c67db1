import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { installOnce } from '../install-once.ts';

/** A Python that encodes HEIC, or why it could not be installed. */
export type HeicPython = { readonly python: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    pillowHeif: HeicPython;
  }
}

const script = path.join(import.meta.dirname, 'install.sh');
const target = path.resolve(import.meta.dirname, '../../../.cache/pillow-heif');

/** Installs pillow-heif into .cache/pillow-heif once, again when the recipe has changed. */
export async function installPillowHeif(): Promise<HeicPython> {
  const reason = await installOnce({ target, recipe: [script], scripts: [{ file: script, args: [target] }] });
  if (reason === null) return { python: path.join(target, 'venv/bin/python') };
  return { missing: `pillow-heif could not be installed from PyPI: ${reason}` };
}

/** vitest's global setup. */
export default async function providePillowHeif(project: TestProject): Promise<void> {
  project.provide('pillowHeif', await installPillowHeif());
}
