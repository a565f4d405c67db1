import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { installOnce } from '../install-once.ts';

/** The tool's command, or why it could not be installed. */
export type Schemathesis = { readonly command: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    schemathesis: Schemathesis;
  }
}

const script = path.join(import.meta.dirname, 'install.sh');
const target = path.resolve(import.meta.dirname, '../../../.cache/schemathesis');

/** vitest's global setup: installs schemathesis into .cache/schemathesis once, again when the recipe has changed. */
export default async function installSchemathesis(project: TestProject): Promise<void> {
  const reason = await installOnce({ target, recipe: [script], scripts: [{ file: script, args: [target] }] });
  const missing = `schemathesis could not be installed from PyPI: ${reason}`;
  project.provide('schemathesis', reason === null ? { command: path.join(target, 'venv/bin/st') } : { missing });
}
