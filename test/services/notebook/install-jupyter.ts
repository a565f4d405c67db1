import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { installOnce } from '../install-once.ts';

/** The folder of a Jupyter that runs TypeScript, or why it could not be installed. */
export type Jupyter = { readonly dir: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    jupyter: Jupyter;
  }
}

const script = path.join(import.meta.dirname, 'install.sh');
const target = path.resolve(import.meta.dirname, '../../../.cache/jupyter');

/** Installs nbconvert and tslab into .cache/jupyter once, again when the recipe has changed. */
export async function installJupyter(): Promise<Jupyter> {
  const reason = await installOnce({ target, recipe: [script], scripts: [{ file: script, args: [target] }] });
  return reason === null ? { dir: target } : { missing: `Jupyter or tslab could not be installed: ${reason}` };
}

/** vitest's global setup. */
export default async function provideJupyter(project: TestProject): Promise<void> {
  project.provide('jupyter', await installJupyter());
}
